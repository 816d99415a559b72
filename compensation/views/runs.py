"""Pages of one run: what it pays, what to look at, what may happen next; and its statements."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from compensation.filters.runs import RunStatementFilter
from compensation.models import CLOSED, PayRun, Statement
from compensation.selectors.run_differences import by_person
from compensation.selectors.runs import (
    previous_month_run,
    runs_visible_to,
    statements_of_run,
    sums_by_component,
    sums_by_manager,
)
from compensation.selectors.statements import statement_url
from compensation.views.run_words import AMOUNTS, WHY, figures_of, statement_link, tone_of
from compensation.workflow.runs import RUNS, month_path, run_url
from core.access import person_of
from core.errors import Refused
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, Link, Section, table_section
from core.roles import can

VIEW = "pay.runs"
MOST_SHOWN = 10
BY_COMPONENT = [
    Column("plan", "Plan", lambda row: row["plan"]),
    Column("name", "Component", lambda row: row["name"]),
    Column("people", "People", lambda row: row["people"], "number"),
    Column("target", "Pay at 100 %", lambda row: row["target"], "money"),
    Column("earned", "Earned", lambda row: row["earned"], "money"),
    Column("deltas", "Late changes", lambda row: row["deltas"], "money"),
    Column("currency", "Currency", lambda row: row["currency"]),
]
BY_MANAGER = [
    Column("manager", "Manager", lambda row: row["manager"] or "Nobody above"),
    Column("people", "Statements", lambda row: row["people"], "number"),
    Column("earned", "Earned", lambda row: row["earned"], "money"),
    Column("deltas", "Late changes", lambda row: row["deltas"], "money"),
    Column("total", "Pay", lambda row: row["total"], "money"),
    Column("currency", "Currency", lambda row: row["currency_id"]),
]
WARNINGS = [
    Column("kind", "What", lambda row: WHY[row["kind"]], "badge", tone=lambda row: "warn"),
    Column("text", "Look at", lambda row: row["text"], "phrase", link=lambda row: warned_url(row)),
    Column("money", "About", lambda row: Decimal(row["money"]), "money"),
    Column("currency", "Currency", lambda row: row["currency"] or "base"),
]
CHANGED = [
    Column("rep", "Rep", "rep.name", link=statement_link),
    Column("before", "Before", kind="money"),
    Column("after", "Now", kind="money"),
    Column("change", "Change", kind="money"),
    Column("currency", "Currency"),
]


def warned_url(row: Mapping[str, Any]) -> str:
    """Where a warning is looked into: the plans and quotas of whoever has none, else the person's pay."""
    if not row.get("rep"):
        return ""
    page = "rep-plans" if row["kind"] in {"no_plan", "no_quota"} else "rep-pay"
    return reverse(f"compensation:{page}", args=[row["rep"]])


OF_THE_CALCULATION = (
    *("totals", "warnings", "fingerprint", "statements_count", "lines_count", "months_again"),
    *("reviewed", "approved", "locked"),
)


class RunPage(DetailPage):
    """One run, with what may happen next and everything that stands against it."""

    action = VIEW
    template_name = "compensation/run.html"
    refused: Refused | None = None
    facts = [
        Column("state", "State", "get_state_display", "badge", tone=tone_of),
        Column("month", "Month", lambda row: f"{row.month:%B %Y}", link=lambda row: month_path(row.month)),
        Column("again", "Closed months looked back on", "months_again", "number"),
        Column("lines", "Lines", "lines_count", "number"),
        Column("made_by", "Calculated by", "made_by.name"),
        Column("made", "Calculated", kind="time"),
        Column("reviewed_by", "Reviewed by", "reviewed_by.name"),
        Column("approved_by", "Approved by", "approved_by.name"),
        Column("locked", "Locked", kind="time"),
        Column("paid_on", "Paid on", kind="date"),
        Column("fingerprint", "Fingerprint", lambda row: row.fingerprint[:12]),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[PayRun]:
        return runs_visible_to(person_of(request)).exclude(state__in=["calculating", "failed"])

    def parents(self, request: HttpRequest, row: PayRun) -> list[Link]:
        runs = Link("Runs", reverse("compensation:run-list"))
        return [runs, Link(f"{row.month:%B %Y}", month_path(row.month))]

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return OF_THE_CALCULATION

    def sections(self, request: HttpRequest, row: PayRun) -> list[Section]:
        person = person_of(request)
        before = row.follows or previous_month_run(row)
        changes = by_person(person, before, row)
        against = f"Against {before}." if before else ""
        url = reverse("compensation:run-differences", args=[row.pk])
        return [
            table_section("Look at these first", row.warnings[:MOST_SHOWN], WARNINGS, empty=FINE),
            table_section(
                "Biggest changes",
                changes[:MOST_SHOWN],
                CHANGED,
                empty=SAME,
                note=against,
                links=(Link("All changes, line by line", url),) if changes else (),
            ),
            table_section("By component", sums_by_component(person, row), BY_COMPONENT, empty=NOBODY),
            table_section("By manager", sums_by_manager(person, row), BY_MANAGER, empty=NOBODY),
        ]

    def more(self, request: HttpRequest, row: PayRun) -> dict[str, Any]:
        person = person_of(request)
        return moves_of(row, person) | {
            "refused": self.refused.reasons if self.refused else None,
            "figures": figures_of(row, previous_month_run(row)),
            "statements_url": reverse("compensation:run-statements", args=[row.pk]),
            "may_export": row.state in CLOSED and bool(can(person, "pay.export")),
        }


FINE = Empty("Nothing stands out", "Everybody with credits has a plan and a quota, and nobody's pay jumps.")
SAME = Empty("Nothing to compare", "The first run of the first month has nothing before it.")
NOBODY = Empty("Nobody is paid", "Put people on plans, and give plans a version in force in this month.")


def moves_of(run: PayRun, person: Any) -> dict[str, Any]:
    """What may happen next: at once, after something is mended, with a reason."""
    moves = RUNS.offered(run, person)
    plain = [(move, RUNS.refusals(run, move, person)) for move in moves if not move.asks_reason]
    return {
        "ready": [move for move, against in plain if not against],
        "blocked": [(move, against) for move, against in plain if against],
        "asking": [move for move in moves if move.asks_reason],
    }


class RunStatements(ListPage):
    """The statements of a run."""

    action = VIEW
    title = "Statements"
    template_name = "compensation/run_statements.html"
    filterset_class = RunStatementFilter
    default_order = "rep__name"
    columns = [
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("code", "Code", "rep.code", "code", order="rep__code"),
        Column("manager", "Manager", "rep.manager.name", order="rep__manager__name"),
        *AMOUNTS,
        Column("owed", "Owed of draws", kind="money", order="owed"),
        Column("currency", "Currency", "currency_id"),
    ]
    empty = Empty("No statements", "Nobody was on a plan in this month, or the filter hides them.")

    def run(self, request: HttpRequest) -> PayRun:
        return get_object_or_404(runs_visible_to(person_of(request)), pk=self.kwargs["pk"])

    def rows(self, request: HttpRequest) -> QuerySet[Statement]:
        return statements_of_run(person_of(request), self.run(request))

    def row_url(self, row: Statement) -> str:
        return statement_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        run = self.run(request)
        return {"run": run, "run_url": run_url(run), "pretitle": str(run)}
