"""A statement: what is paid, and everything that made it."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from compensation.filters.statements import LineFilter, StatementFilter
from compensation.models import PlanVersion, Statement
from compensation.selectors.scope import sees_all_pay, statements_visible_to
from compensation.selectors.statement_words import statement_title
from compensation.selectors.statements import (
    adjustments_of,
    deltas_of,
    held_of,
    largest_lines,
    lines_visible_to,
    neighbours,
    parts_of,
    seen_deals,
    statement_url,
    statements_shown,
)
from compensation.services.statement_files import pdf_of
from compensation.views.statement_charts import waterfall
from compensation.views.statement_parts import part_sections
from compensation.views.statement_sections import (
    adjustments_section,
    deltas_section,
    draw_section,
    held_section,
    largest_section,
)
from compensation.views.statement_words import (
    STATE_TONES,
    line_columns,
    paid_word,
    statement_columns,
)
from core.access import Page, person_of
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, Link, Section, chart_section
from core.roles import can

OWN, VIEW = "pay.own", "pay.view"


class StatementList(ListPage):
    """Everybody's statements, or the team's, month by month."""

    action = VIEW
    title = "Statements"
    filterset_class = StatementFilter
    default_order = "-run__month,rep__name"
    columns = statement_columns()
    empty = Empty(
        "No statements here",
        "A statement for each rep stands here as soon as a month's pay is calculated. Who leads a team sees "
        "those of the team once the month is approved. If you expected some, remove a filter.",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        return statements_shown(person_of(request))

    def row_url(self, row: Statement) -> str:
        return statement_url(row)


class StatementRows:
    """Statements as this person may see them."""

    def rows(self, request: HttpRequest) -> QuerySet:
        return statements_visible_to(person_of(request))


class StatementPage(StatementRows, DetailPage):
    """One statement, from the payout down to each line."""

    action = OWN
    template_name = "compensation/statement.html"
    facts_title = "This statement"

    def title(self, row: Statement) -> str:
        return statement_title(row)

    def parents(self, request: HttpRequest, row: Statement) -> list[Link]:
        person = person_of(request)
        if row.rep.person_id == person.pk:
            return [Link("Your pay", reverse("compensation:own-pay"))]
        return [
            Link("Statements", reverse("compensation:statement-list")),
            Link(row.rep.name, reverse("compensation:rep-pay", args=[row.rep_id])),
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.parts = parts_of(self.row(request, **kwargs))
        return super().get(request, **kwargs)

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Read once for one request."""
        if not hasattr(self, "found"):
            self.found = super().row(request, **kwargs)
        return self.found

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        makes = can(request.user, "pay.plans")
        runs = bool(can(request.user, "pay.view")) and sees_all_pay(person_of(request))
        facts = [
            Column("rep", "Rep", "rep.name"),
            Column("month", "Month", lambda row: f"{row.run.month:%B %Y}"),
            Column(
                "state",
                "State of the month",
                lambda row: row.run.get_state_display(),
                "badge",
                tone=lambda row: STATE_TONES[row.run.state],
            ),
            Column("paid", "Money", paid_word),
            Column(
                "run",
                "Calculation",
                lambda row: f"Run {row.run.version}",
                link=(lambda row: reverse("compensation:run", args=[row.run_id])) if runs else None,
            ),
        ]
        versions = {one.part.version_id: one.part.version for one in self.parts}
        return [*facts, *(_plan_fact(version, bool(makes)) for version in versions.values())]

    def sections(self, request: HttpRequest, row: Statement) -> list[Section]:
        person = person_of(request)
        deltas = deltas_of(row) if row.deltas or any(one.part.deltas for one in self.parts) else []
        largest, held, adjusted = largest_lines(row), list(held_of(row)), list(adjustments_of(row))
        keys = [one.deal_id for one in largest] + [one.deal_id for one in held]
        keys += [one.line.deal_id for one in deltas] + [one.adjustment.deal_id for one in adjusted]
        seen = seen_deals(person, keys)
        found = [chart_section("How the payout came about", waterfall(row, self.parts))]
        found += part_sections(row, self.parts)
        found += deltas_section(row, deltas, seen)
        found += draw_section(row)
        found += held_section(row, held, seen)
        found += adjustments_section(row, adjusted, seen)
        found += largest_section(row, largest, seen)
        return found

    def more(self, request: HttpRequest, row: Statement) -> dict[str, Any]:
        person = person_of(request)
        before, after = neighbours(person, row)
        mine = row.rep.person_id == person.pk
        return {
            "figures": figures_of(row, sum((one.part.target for one in self.parts), Decimal(0))),
            "before": before,
            "after": after,
            "may_dispute": mine and bool(can(person, "pay.dispute")),
            "row_links": [],
        }


def _plan_fact(version: PlanVersion, linked: bool) -> Column:
    """A plan that pays on the statement, with its page for those who may open it."""
    url = reverse("compensation:plan-version", args=[version.pk]) if linked else ""
    return Column(f"plan{version.pk}", "Plan", lambda _: str(version), link=lambda _: url)


def figures_of(row: Statement, target: Decimal) -> list[dict[str, Any]]:
    """Payout, earned, what changed it most, and what is owed."""
    unit = row.currency_id

    def money(value: Any) -> str:
        return show(value, "money")[0]

    share = f"{show(row.earned / target, 'percent')[0]} of the pay at 100 %" if target else ""
    found = [
        {"label": "Payout", "value": money(row.pay), "unit": unit},
        {"label": "Earned in the month", "value": money(row.earned), "unit": unit, "change": share},
    ]
    if row.deltas:
        found.append({"label": "From closed months", "value": money(row.deltas), "unit": unit})
    if row.held:
        found.append({"label": "Held", "value": money(row.held), "unit": unit, "tone": "warn"})
    if row.owed:
        found.append({"label": "Still owed of draws", "value": money(row.owed), "unit": unit})
    return found[:4]


class StatementLines(ListPage):
    """All lines of a statement, with filters and export."""

    action = OWN
    title = "Lines"
    filterset_class = LineFilter
    default_order = "is_delta,part__position,month"
    template_name = "compensation/statement_lines.html"
    empty = Empty("No lines match", "Every amount of the statement is a line. Remove a filter to see more.")

    def statement(self, request: HttpRequest) -> Statement:
        found = statements_visible_to(person_of(request))
        statement: Statement = get_object_or_404(found, pk=self.kwargs["pk"])
        return statement

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.of = self.statement(request)
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet:
        return lines_visible_to(person_of(request)).filter(statement=self.of)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return line_columns(self.of.currency_id, exact="export" in request.GET)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"of": self.of, "of_title": statement_title(self.of), "of_url": statement_url(self.of)}


class StatementPdf(StatementRows, Page):
    """The statement on paper."""

    action = OWN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        statement = get_object_or_404(self.rows(request), pk=pk)
        name = f"statement-{statement.rep.code}-{statement.run.month:%Y-%m}.pdf"
        response = HttpResponse(pdf_of(statement), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
