"""The page of one quota: its months, how it was made, and what may be said about it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.formats import show, typed
from core.forms import reasons_of
from core.listing import Column, Empty
from core.pages import DetailPage, Link, Section, conflict_context, put_beside, table_section
from core.roles import can
from territories.forms.quotas import AmountForm, ChangeForm, DecisionForm, ProposalForm, StartForm
from territories.models import ChangeState, Quota, QuotaChange, QuotaState
from territories.selectors.quota_tree import is_overlay, tree_of
from territories.selectors.quotas import changes_visible_to, quotas_visible_to
from territories.services.quota_changes import ask_change, decide_change, withdraw_change
from territories.services.quotas import propose, set_quota, set_start
from territories.views.quota_columns import TREE, change_tone, row_url, sheet_url
from territories.workflow.quotas import plan_url, quota_url

VIEW, PLAN, ASK = "quotas.view", "quotas.plan", "quotas.ask"
MADE = [
    Column("label", "Line", lambda line: line["label"]),
    Column("value", "Value", lambda line: value_words(line), "written", help="Money in base currency"),
    Column("note", "What it means", lambda line: line["note"]),
]
MONTHS = [
    Column("month", "Month", kind="month"),
    Column("amount", "Quota", kind="quantity"),
]


def value_words(line: dict[str, Any]) -> str:
    """A line's value as people read it."""
    from_text = float(line["value"])
    return show(from_text, "percent" if line.get("kind") == "percent" else "money")[0]


class QuotaPage(DetailPage):
    """One territory's or rep's quota."""

    action = VIEW
    template_name = "territories/quota.html"
    refused: list[Reason] | None = None
    returned: dict[str, Any] = {}  # a form that was refused, by its name in the template
    facts = [
        Column("plan", "Plan", "plan", link=lambda row: plan_url(row.plan)),
        Column("territory", "Territory", "territory.name"),
        Column("rep", "Rep", "rep.name"),
        Column("amount", "Quota of the year", kind="money"),
        Column("top_down", "Top-down", kind="money"),
        Column("bottom_up", "Bottom-up", kind="money"),
        Column("note", "Bottom-up rests on", "bottom_up_note"),
        Column("last_year", "Last 12 months", kind="money"),
        Column("uncovered", "Without a rep", lambda row: row.uncovered or None, "money"),
        Column("relief", "Relief by ramp, leave or hand", lambda row: row.relief or None, "money"),
        Column("reason", "Why it differs", "difference_reason"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Quota]:
        return quotas_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Quota) -> list[Link]:
        return [Link(str(row.plan), plan_url(row.plan))]

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("made", "share")

    def sections(self, request: HttpRequest, row: Quota) -> list[Section]:
        nothing = Empty("Nothing here", "Allocate the plan: how each number came about stands here then.")
        sections = [
            table_section("How it was made", row.made, MADE, empty=nothing),
            table_section("Months", row.months.all(), MONTHS, empty=nothing),
        ]
        found = None if is_overlay(row) else tree_of(row.plan, person_of(request)).find(row.pk)
        if found is not None and found.below:
            note = f"Left to give: {show(found.left, 'money')[0]} {base_currency()}."
            below = table_section("Below it", found.below, TREE, empty=nothing, note=note, row_url=row_url)
            sections.insert(1, below)
        if row.rep_id and can(request.user, VIEW):
            link = Link("Open the sheet", sheet_url(row.plan, row.rep_id))
            sections[0] = Section(**{**vars(sections[0]), "links": (link,)})
        return sections

    def more(self, request: HttpRequest, row: Quota) -> dict[str, Any]:
        person, draft = person_of(request), row.plan.state == QuotaState.DRAFT
        asks = can(person, ASK) and row.plan.state != QuotaState.SUPERSEDED
        changes = changes_visible_to(person).filter(quota=row)
        may_plan = bool(can(person, PLAN))
        return {
            "currency": base_currency(),
            "is_overlay": is_overlay(row),
            "refused": self.refused,
            "amount_form": amount_form(row) if draft and may_plan else None,
            "proposal_form": proposal_form(row) if draft and can(person, ASK) else None,
            "change_form": ChangeForm(auto_id="change_%s") if asks else None,
            "start_form": start_form(row) if may_plan and row.rep_id else None,
            "requests": [
                (
                    one,
                    change_tone(one),
                    may_plan and one.asked_by_id != person.pk,
                    one.asked_by_id == person.pk,
                )
                for one in changes
            ],
            "open_state": ChangeState.OPEN,
        } | self.returned


def amount_form(row: Quota) -> AmountForm:
    initial = {"amount": typed(row.amount), "reason": row.difference_reason, "revision": row.revision}
    return AmountForm(initial=initial | {"spread": True}, auto_id="amount_%s")


def proposal_form(row: Quota) -> ProposalForm:
    initial = {
        "amount": typed(row.bottom_up) if row.bottom_up is not None else "",
        "note": row.bottom_up_note,
        "revision": row.revision,
    }
    return ProposalForm(initial=initial, auto_id="proposal_%s")


def start_form(row: Quota) -> StartForm:
    start = getattr(row.rep, "start", None)
    initial = {"day": start.day, "revision": start.revision} if start else {"revision": 0}
    return StartForm(initial=initial, auto_id="start_%s")


class QuotaAction(Page):
    """One form of a quota's page: does it, or shows the page with every reason against it."""

    action = ASK
    form_class: Any = ChangeForm
    form_name = "change"
    done = "Saved."

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        form = self.form_class(request.POST, auto_id=f"{self.form_name}_%s")
        try:
            if not form.is_valid():
                raise Invalid(*reasons_of(form))
            url = self.act(request, row, dict(form.cleaned_data))
        except Denied:
            raise
        except Conflict as conflict:
            return show_conflict(request, row, conflict, form)
        except Refused as refusal:
            return self.refuse(request, row, refusal, form)
        messages.success(request, capfirst(self.done))
        return redirect(url)

    def row(self, request: HttpRequest, pk: int) -> Any:
        return get_object_or_404(quotas_visible_to(person_of(request)), pk=pk)

    def act(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> str:
        """Call the service; gives where to go next."""
        raise TypeError(f"{type(self).__name__} calls no service: define act()")

    def refuse(self, request: HttpRequest, row: Any, refusal: Refused, form: Any) -> HttpResponse:
        """The quota's page with each reason beside its field, the others on top; nothing has changed."""
        rest = put_beside(form, refusal)
        returned = {f"{self.form_name}_form": form} if form.errors else {}
        return show_refused(request, row, refusal.status, rest, returned)


class QuotaSet(QuotaAction):
    action = PLAN
    form_class = AmountForm
    form_name = "amount"
    done = "The quota is set."

    def act(self, request: HttpRequest, row: Quota, data: dict[str, Any]) -> str:
        return quota_url(set_quota(actor=person_of(request), quota=row, **data))


class QuotaPropose(QuotaAction):
    form_class = ProposalForm
    form_name = "proposal"
    done = "The proposal stands beside the plan."

    def act(self, request: HttpRequest, row: Quota, data: dict[str, Any]) -> str:
        return quota_url(propose(actor=person_of(request), quota=row, **data))


class QuotaAsk(QuotaAction):
    form_class = ChangeForm
    done = "The change is asked for. You are told of the answer."

    def act(self, request: HttpRequest, row: Quota, data: dict[str, Any]) -> str:
        ask_change(actor=person_of(request), quota=row, **data)
        return quota_url(row)


class QuotaStart(QuotaAction):
    action = PLAN
    form_class = StartForm
    form_name = "start"
    done = "The start is kept. Allocate anew, so that the ramp counts from it."

    def act(self, request: HttpRequest, row: Quota, data: dict[str, Any]) -> str:
        if row.rep is None:
            raise Refused(Reason("Only reps have a start.", "no_rep"))
        set_start(actor=person_of(request), rep=row.rep, **data)
        return quota_url(row)


class ChangeDecide(QuotaAction):
    action = PLAN
    form_class = DecisionForm
    done = "The request is decided."

    def row(self, request: HttpRequest, pk: int) -> Any:
        return get_object_or_404(changes_visible_to(person_of(request)), pk=pk)

    def act(self, request: HttpRequest, row: QuotaChange, data: dict[str, Any]) -> str:
        accept, answer, revision = data["accept"] == "yes", data["answer"], data["revision"]
        found = decide_change(
            actor=person_of(request), change=row, accept=accept, answer=answer, revision=revision
        )
        return quota_url(found.led_to or found.quota)

    def refuse(
        self, request: HttpRequest, row: QuotaChange, refusal: Refused, form: Any = None
    ) -> HttpResponse:
        return show_refused(request, row.quota, refusal.status, refusal.reasons)


class ChangeWithdraw(ChangeDecide):
    action = ASK
    form_class = DecisionForm
    done = "The request is taken back."

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk)
        try:
            withdraw_change(actor=person_of(request), change=row, revision=row.revision)
        except Denied:
            raise
        except Refused as refusal:
            return self.refuse(request, row, refusal)
        messages.success(request, self.done)
        return redirect(quota_url(row.quota))


def show_refused(
    request: HttpRequest,
    row: Quota,
    status: int,
    reasons: list[Reason],
    returned: dict[str, Any] | None = None,
) -> HttpResponse:
    """The quota's page with the reasons on top; nothing has changed."""
    page = QuotaPage()
    page.setup(request, pk=row.pk)
    page.refused, page.returned = reasons, returned or {}
    response = page.get(request, pk=row.pk)
    response.status_code = status
    return response


def show_conflict(request: HttpRequest, row: Any, conflict: Conflict, form: Any) -> HttpResponse:
    """Both versions, side by side; nothing is saved until the person has chosen."""
    context = {
        "row": row,
        "title": str(row),
        "pretitle": "Quotas",
        "conflict": conflict_context(request, row, conflict, form, quota_url(getattr(row, "quota", row))),
    }
    return render(request, "core/conflict_page.html", context, status=409)
