"""Every number that a stream gave: who, when, why, before and after, and what came of it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.access import Page, person_of
from core.errors import Denied, Refused
from core.formats import typed
from core.history import changes_of
from core.listing import Column, Empty, ListPage, cell_of
from core.models import Person
from core.roles import can
from planning.forms.demand_filters import InputFilter
from planning.models import Cycle, DemandInput
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.demand_inputs import Outcome, change_percent, inputs_visible_to, with_outcomes
from planning.services.demand import withdraw_input
from planning.views.base import cycle_context


def shown_number(row: DemandInput) -> str:
    """The number with what it does: = 500, +20, −5 %."""
    number = typed(row.value)
    if row.kind == "replace":
        return number
    sign = "" if row.value < 0 else "+"
    return f"{sign}{number}{' %' if row.kind == 'percent' else ''}"


COLUMNS = [
    Column("what", "What", lambda row: str(row.product or row.family or "All products")),
    Column("market", "Where", lambda row: str(row.market or "All markets")),
    Column("month", "Month", kind="month", order="month"),
    Column("stream", "Stream", "get_stream_display", order="stream"),
    Column("value", "Number", shown_number),
    Column("baseline", "Baseline then", kind="quantity", unit="units", order="baseline"),
    Column("before", "Consensus before", kind="quantity", unit="units", order="before"),
    Column("after", "Consensus now", lambda row: _of(row, "consensus"), "number", unit="units"),
    Column(
        "actual",
        "Sold",
        lambda row: _of(row, "actual"),
        "number",
        unit="units",
        help="Once the month is over.",
    ),
    Column("helped", "Outcome", lambda row: _helped(row)[0], "badge", tone=lambda row: _helped(row)[1]),
    Column("reason", "Reason", lambda row: row.get_reason_code_display() if row.reason_code else ""),
    Column("note", "Note"),
    Column("author", "Who", "author.name", order="author__name"),
    Column("written", "When", kind="time", order="written"),
    Column(
        "state",
        "State",
        lambda row: "Withdrawn" if row.is_withdrawn else "",
        "badge",
        tone=lambda row: "quiet" if row.is_withdrawn else "",
    ),
]


def _of(row: DemandInput, name: str) -> int | None:
    outcome: Outcome | None = getattr(row, "outcome", None)
    value = getattr(outcome, name) if outcome else None
    return None if value is None else round(value)


def _helped(row: DemandInput) -> tuple[str, str]:
    """Whether the number brought the plan nearer to what was sold."""
    outcome: Outcome | None = getattr(row, "outcome", None)
    if outcome is None or outcome.helped is None:
        return "", ""
    return ("Nearer", "good") if outcome.helped else ("Further away", "warn")


class InputList(ListPage):
    """All numbers of the cycle, filtered; the export holds the same."""

    action = "demand.view"
    title = "Demand inputs"
    columns = COLUMNS
    filterset_class = InputFilter
    default_order = "-written"
    template_name = "planning/demand_list.html"
    empty = Empty(
        "No numbers yet",
        "What sales, marketing, finance and the pipeline say is listed here, with who said it and why. "
        "Give the first number in the workbench.",
    )

    def cycle(self, request: HttpRequest) -> Cycle:
        return get_object_or_404(cycles_visible_to(person_of(request)), pk=self.kwargs["cycle_pk"])

    def rows(self, request: HttpRequest) -> QuerySet[DemandInput]:
        return inputs_visible_to(person_of(request)).filter(cycle=self.kwargs["cycle_pk"])

    def row_url(self, row: DemandInput) -> str:
        return reverse("planning:demand-input", args=[row.cycle_id, row.pk])

    def prepared(self, request: HttpRequest, rows: Any) -> Any:
        return with_outcomes(self.cycle(request), list(rows))

    def more(self, request: HttpRequest) -> dict[str, Any]:
        cycle = self.cycle(request)
        return {**cycle_context(cycle, "demand"), "back_url": reverse("planning:demand", args=[cycle.pk])}


class InputPage(Page):
    """One number with its history, and the button that withdraws it."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int, pk: int) -> HttpResponse:
        return _show(request, _input(request, cycle_pk, pk))


class InputWithdrawal(Page):
    """Undo: the number is taken back, its history stays."""

    action = "demand.input"

    def post(self, request: HttpRequest, cycle_pk: int, pk: int) -> HttpResponse:
        row = _input(request, cycle_pk, pk)
        revision = request.POST.get("revision", "")
        try:
            withdraw_input(
                actor=person_of(request), row=row, revision=int(revision) if revision.isdigit() else 0
            )
        except Denied:
            raise
        except Refused as refusal:
            return _show(request, _input(request, cycle_pk, pk), refused=refusal)
        messages.success(request, f"{row} is withdrawn.")
        return redirect("planning:demand-input", cycle_pk, pk)


def _input(request: HttpRequest, cycle_pk: int, pk: int) -> DemandInput:
    return get_object_or_404(inputs_visible_to(person_of(request)), cycle=cycle_pk, pk=pk)


def _show(request: HttpRequest, row: DemandInput, refused: Refused | None = None) -> HttpResponse:
    person = person_of(request)
    with_outcomes(row.cycle, [row])
    context = cycle_context(row.cycle, "demand") | {
        "row": row,
        "facts": [{**cell_of(row, column), "label": column.label} for column in COLUMNS],
        "change": change_percent(row) / 100,
        "changes": changes_of(row),
        "refused": refused.reasons if refused else None,
        "cell_url": _cell_url(row),
        "may_withdraw": _may_withdraw(row, person),
    }
    return render(request, "planning/demand_input.html", context, status=refused.status if refused else 200)


def _may_withdraw(row: DemandInput, person: Person) -> bool:
    return not row.is_withdrawn and row.cycle.stage == "demand" and bool(can(person, "demand.input"))


def _cell_url(row: DemandInput) -> str:
    from_row = {"family": row.family, "product": row.product, "market": row.market}
    codes = "".join(f"{name}={place.code}&" for name, place in from_row.items() if place)
    path = reverse("planning:demand-cell", args=[row.cycle_id])
    return f"{path}?{codes}month={row.month:%Y-%m}&stream={row.stream}"
