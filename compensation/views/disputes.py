"""Pages of disputes: the list by money and age, one with its thread, raising one."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compensation.filters.disputes import DisputeFilter
from compensation.forms.disputes import DecideForm, DisputeForm, GiveDisputeForm, WithdrawForm
from compensation.models import Dispute, DisputeState, PayLine, Statement
from compensation.selectors.disputes import (
    disputes_visible_to,
    first_open_month,
    own_lines,
    own_statements,
)
from compensation.services.disputes import decide_dispute, give_dispute, raise_dispute, withdraw_dispute
from compensation.views.dispute_words import COLUMNS, FACTS, statement_path
from compensation.workflow.disputes import dispute_url, offered_moves
from core.access import Page, person_of
from core.errors import Conflict, Denied, Invalid, Refused
from core.forms import reasons_of
from core.listing import Empty, ListPage
from core.pages import AddPage, DetailPage, Link, conflict_context
from core.roles import can

VIEW, RAISE, DECIDE = "pay.own", "pay.dispute", "pay.decide"


class DisputeList(ListPage):
    """Open ones first: the late ones, then by money, then the oldest."""

    action = VIEW
    title = "Disputes"
    columns = COLUMNS
    filterset_class = DisputeFilter
    default_order = "closed,-late,-worth,raised"
    empty = Empty(
        "No disputes",
        "Whoever doubts an amount opens the statement and disputes the line, or says which deal is missing. "
        "It comes to a person who answers within the agreed working hours.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[Dispute]:
        return disputes_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return dispute_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, RAISE) or not own_statements(person_of(request)).exists():
            return {}
        return {"primary": {"label": "Dispute a statement", "url": reverse("compensation:dispute-add")}}


class DisputeAdd(AddPage):
    """Raise a dispute: `?line=` or `?statement=` says about what."""

    action = RAISE
    form_class = DisputeForm
    heading = "Dispute pay"
    pretitle = "Pay"
    template_name = "compensation/dispute_form.html"
    submit_label = "Raise the dispute"
    done = "Your dispute is raised. You are told of every answer."

    def row(self, request: HttpRequest, **kwargs: Any) -> None:
        return None

    def line(self, request: HttpRequest) -> PayLine | None:
        key = request.POST.get("line") or request.GET.get("line") or ""
        if not key:
            return None
        rows = own_lines(person_of(request))
        return get_object_or_404(rows, pk=key) if key.isdecimal() else _no_line()

    def statement(self, request: HttpRequest) -> Statement | None:
        line = self.line(request)
        key = request.POST.get("statement") or request.GET.get("statement") or ""
        rows = own_statements(person_of(request))
        if line is not None:
            return line.statement
        return rows.filter(pk=key).first() if key.isdecimal() else rows.first()

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> DisputeForm:
        line, statement = self.line(request), self.statement(request)
        initial = {
            "statement": statement.pk if statement else None,
            "line": line.pk if line else None,
            "about": "amount" if line else "missing",
            "deal": (line.deal_id if line else None) or request.GET.get("deal"),
        }
        return DisputeForm(data, initial=initial, person=person_of(request), statement=statement)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"line": self.line(request), "statement": self.statement(request)}

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Dispute:
        return raise_dispute(actor=person_of(request), **(data | {"line": self.line(request)}))

    def done_url(self, request: HttpRequest, saved: Dispute) -> str:
        return dispute_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:dispute-list")


def _no_line() -> PayLine:
    raise Http404("There is no such line.")


class DisputePage(DetailPage):
    """One dispute: what it is about, its thread, and what may be done now."""

    action = VIEW
    template_name = "compensation/dispute.html"
    facts = FACTS
    refused: Refused | None = None
    forms: dict[str, Any] | None = None

    def rows(self, request: HttpRequest) -> QuerySet[Dispute]:
        return disputes_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Dispute) -> list[Link]:
        return [Link("Disputes", reverse("compensation:dispute-list"))]

    def more(self, request: HttpRequest, row: Dispute) -> dict[str, Any]:
        person, typed = person_of(request), self.forms or {}
        names = {move.name for move in offered_moves(row, person)}
        hidden = {"revision": row.revision}
        month = first_open_month(row.statement)
        decide = DecideForm(initial=hidden | {"month": month}, auto_id="decide_%s")
        give = GiveDisputeForm(initial=hidden, dispute=row, person=person, auto_id="give_%s")
        gives = row.state == DisputeState.OPEN and can(person, DECIDE)
        return {
            "refused": self.refused.reasons if self.refused else None,
            "statement_url": statement_path(row),
            "decide_form": typed.get("decide", decide) if "accept" in names else None,
            "withdraw_form": WithdrawForm(initial=hidden, auto_id="w_%s") if "withdraw" in names else None,
            "give_form": typed.get("give", give) if gives else None,
            "own_pay": gives and "accept" not in names,
        }


class DisputeAction(Page):
    """One form of a dispute's page: does it, or shows the page with every reason against it."""

    action = DECIDE
    name = ""
    done = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(disputes_visible_to(person_of(request)), pk=pk)
        form = self.make_form(request, row)
        try:
            if not form.is_valid():
                raise Invalid(*reasons_of(form))
            self.act(request, row, dict(form.cleaned_data))
        except Denied:
            raise
        except Conflict as conflict:
            return self.show_conflict(request, row, conflict, form)
        except Refused as refusal:
            return self.refuse(request, row, form, refusal)
        messages.success(request, self.done)
        return redirect(dispute_url(row))

    def make_form(self, request: HttpRequest, row: Dispute) -> Any:
        return WithdrawForm(request.POST)

    def act(self, request: HttpRequest, row: Dispute, data: dict[str, Any]) -> None:
        """Call the service."""
        raise TypeError(f"{type(self).__name__} calls no service: define act()")

    def refuse(self, request: HttpRequest, row: Dispute, form: Any, refusal: Refused) -> HttpResponse:
        page = DisputePage()
        page.setup(request, pk=row.pk)
        page.refused, page.forms = refusal, {self.name: form}
        response = page.get(request, pk=row.pk)
        response.status_code = refusal.status
        return response

    def show_conflict(
        self, request: HttpRequest, row: Dispute, conflict: Conflict, form: Any
    ) -> HttpResponse:
        context = {
            "row": row,
            "title": str(row),
            "pretitle": "Disputes",
            "conflict": conflict_context(request, row, conflict, form, dispute_url(row)),
        }
        return render(request, "core/conflict_page.html", context, status=409)


class DisputeDecide(DisputeAction):
    name = "decide"
    done = "The dispute is decided, and who raised it is told."

    def make_form(self, request: HttpRequest, row: Dispute) -> DecideForm:
        return DecideForm(request.POST, auto_id="decide_%s")

    def act(self, request: HttpRequest, row: Dispute, data: dict[str, Any]) -> None:
        accept = data.pop("accept") == "yes"
        decide_dispute(actor=person_of(request), dispute=row, accept=accept, **data)


class DisputeGive(DisputeAction):
    name = "give"
    done = "The dispute has another owner."

    def make_form(self, request: HttpRequest, row: Dispute) -> GiveDisputeForm:
        person = person_of(request)
        return GiveDisputeForm(request.POST, dispute=row, person=person, auto_id="give_%s")

    def act(self, request: HttpRequest, row: Dispute, data: dict[str, Any]) -> None:
        give_dispute(actor=person_of(request), dispute=row, **data)


class DisputeWithdraw(DisputeAction):
    action = RAISE
    name = "withdraw"
    done = "The dispute is withdrawn."

    def act(self, request: HttpRequest, row: Dispute, data: dict[str, Any]) -> None:
        withdraw_dispute(actor=person_of(request), dispute=row, **data)
