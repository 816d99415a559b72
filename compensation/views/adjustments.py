"""Pages of adjustments: the list, one, the forms, the decision."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from compensation.engine.moves import ADJUSTMENT_MOVES
from compensation.filters.runs import AdjustmentFilter
from compensation.forms.adjustments import AdjustmentForm
from compensation.models import Adjustment
from compensation.selectors.adjustments import adjustments_visible_to
from compensation.services.adjustments import change_adjustment, move_adjustment, propose_adjustment
from compensation.views.run_words import ADJUSTMENT_TONES
from compensation.workflow.adjustments import ADJUSTMENTS
from compensation.workflow.runs import adjustment_url, month_path, run_url
from core.access import person_of
from core.errors import Refused
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link
from core.roles import can
from core.row_actions import RowAction

VIEW, RUN = "pay.runs", "pay.run"
DONE = {
    "approve": "“{}” is approved: the month’s run pays it.",
    "reject": "“{}” is rejected.",
    "withdraw": "“{}” is withdrawn.",
    "take_back": "“{}” is taken back.",
}
AMOUNT = Column("amount", "Amount", kind="money", order="amount")


def tone_of(row: Adjustment) -> str:
    return ADJUSTMENT_TONES[row.state]


class AdjustmentList(ListPage):
    """Money beside the plans."""

    action = VIEW
    title = "Adjustments"
    filterset_class = AdjustmentFilter
    default_order = "-month,rep__name"
    empty = Empty(
        "No adjustments",
        "An adjustment pays or takes back money beside the plan: somebody proposes it with a reason, "
        "somebody else approves it, the month's run pays it.",
    )
    columns = [
        Column("label", "Adjustment", order="label"),
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("month", "Month", kind="month", order="month"),
        AMOUNT,
        Column("currency", "Currency", "currency_id"),
        Column("state", "State", "get_state_display", "badge", tone=tone_of, order="state"),
        Column("made_by", "Proposed by", "made_by.name"),
        Column("decided_by", "Decided by", "decided_by.name"),
        Column("reason", "Why"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Adjustment]:
        return adjustments_visible_to(person_of(request))

    def row_url(self, row: Adjustment) -> str:
        return adjustment_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, RUN):
            return {}
        return {"primary": Link("Propose an adjustment", reverse("compensation:adjustment-add"))}


class AdjustmentPage(DetailPage):
    """One adjustment, with what may be decided and what stands against it."""

    action = VIEW
    template_name = "compensation/adjustment.html"
    refused: Refused | None = None
    facts = [
        Column("state", "State", "get_state_display", "badge", tone=tone_of),
        Column("rep", "Rep", "rep.name"),
        Column(
            "month", "Paid with", lambda row: f"{row.month:%B %Y}", link=lambda row: month_path(row.month)
        ),
        Column("amount", "Amount", kind="money"),
        Column("currency", "Currency", "currency_id"),
        Column("reason", "Why"),
        Column("deal", "Deal", "deal.name"),
        Column("made_by", "Proposed by", "made_by.name"),
        Column("decided_by", "Decided by", "decided_by.name"),
        Column("answer", "Answer"),
        Column("run", "Paid by", "run", link=lambda row: run_url(row.run) if row.run else ""),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Adjustment]:
        return adjustments_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Adjustment) -> list[Link]:
        return [Link("Adjustments", reverse("compensation:adjustment-list"))]

    def more(self, request: HttpRequest, row: Adjustment) -> dict[str, Any]:
        person = person_of(request)
        moves = ADJUSTMENTS.offered(row, person)
        checked = [(move, ADJUSTMENTS.refusals(row, move, person)) for move in moves]
        plain = [(move, against) for move, against in checked if not move.asks_reason]
        return {
            "refused": self.refused.reasons if self.refused else None,
            "ready": [move for move, against in plain if not against],
            "blocked": [(move, against) for move, against in checked if against],
            "asking": [move for move, against in checked if move.asks_reason and not against],
            "may_edit": row.state == "proposed" and bool(can(person, RUN)),
        }


class AdjustmentMove(RowAction):
    """One button of an adjustment's page."""

    action = VIEW
    page = AdjustmentPage

    def row(self, request: HttpRequest, pk: int) -> Adjustment:
        return get_object_or_404(adjustments_visible_to(person_of(request)), pk=pk)

    def act(self, request: HttpRequest, row: Adjustment, **kwargs: Any) -> tuple[str, str]:
        name, reason = kwargs["name"], request.POST.get("reason", "")
        if name not in DONE or name not in ADJUSTMENT_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        moved = move_adjustment(actor=person_of(request), adjustment=row, name=name, reason=reason)
        return adjustment_url(moved), DONE[name].format(moved)


class AdjustmentAdd(AddPage):
    action = RUN
    form_class = AdjustmentForm
    heading = "Propose an adjustment"
    pretitle = "Adjustments"
    submit_label = "Propose it"
    done = "“{row}” waits for a colleague’s decision."
    note = (
        "Somebody else approves it. The run of the month pays it; the rep reads the reason on the statement."
    )

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        own = {"month": timezone.localdate().replace(day=1), "currency": base_currency()}
        return own | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Adjustment:
        return propose_adjustment(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: Adjustment) -> str:
        return adjustment_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:adjustment-list")


class AdjustmentEdit(EditPage):
    action = RUN
    form_class = AdjustmentForm
    submit_label = "Save the adjustment"

    def rows(self, request: HttpRequest) -> QuerySet[Adjustment]:
        return adjustments_visible_to(person_of(request)).filter(state="proposed")

    def initial(self, request: HttpRequest, row: Adjustment) -> dict[str, Any]:
        codes = {"rep": row.rep.code, "currency": row.currency_id, "deal": row.deal_id}
        return super().initial(request, row) | codes | {"amount": round(row.amount, 2)}

    def change(
        self, request: HttpRequest, row: Adjustment, revision: int, data: dict[str, Any]
    ) -> Adjustment:
        return change_adjustment(actor=person_of(request), adjustment=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Adjustment) -> str:
        return adjustment_url(saved)
