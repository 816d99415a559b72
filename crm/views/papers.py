"""Pages of order papers: the list, one paper with its moves, the form."""

from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Conflict, Denied, Reason, Refused
from core.formats import show, typed
from core.forms import RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from crm.engine.paper_moves import DONE, PAPER_MOVES
from crm.filters.papers import PaperFilter
from crm.forms.papers import DeliveryForm, OwnerForm, PaperForm, ReasonForm, RestOfPaperForm
from crm.models import OrderPaper, PaperKind, PaperState
from crm.selectors.paper_exceptions import kinds_of, marked
from crm.selectors.papers import HERE, accountable, chain_of, papers_visible_to, sums_of, today
from crm.services.paper_moves import approve_afterwards, may_deliver, move_paper, report_delivery
from crm.services.papers import change_paper, create_paper
from crm.views.accounts import account_url
from crm.workflow.papers import offered_moves, paper_url, refusals

VIEW, EDIT = "papers.view", "papers.edit"
TONES = {
    PaperState.DRAFT: "quiet",
    PaperState.APPROVAL: "warn",
    PaperState.APPROVED: "info",
    PaperState.SENT: "info",
    PaperState.SIGNED: "good",
    PaperState.INVOICED: "info",
    PaperState.PAID: "good",
    PaperState.DECLINED: "bad",
    PaperState.CANCELLED: "quiet",
}
WAYS = {
    PaperKind.QUOTE: ("draft", "sent", "signed"),
    PaperKind.CONTRACT: ("draft", "sent", "signed", "invoiced", "paid"),
    PaperKind.ORDER: ("draft", "sent", "signed", "invoiced", "paid"),
    PaperKind.INVOICE: ("draft", "sent", "paid"),
}
FOLLOWING = {
    PaperKind.QUOTE: PaperKind.ORDER,
    PaperKind.CONTRACT: PaperKind.ORDER,
    PaperKind.ORDER: PaperKind.INVOICE,
}
DONE_WORDS = {
    "send": "{} is sent.",
    "ask": "{} waits for approval.",
    "approve": "{} is approved.",
    "reject": "{} is sent back.",
    "revise": "{} is a draft again.",
    "sign": "{} is signed.",
    "decline": "{} is declined.",
    "invoice": "{} is invoiced.",
    "pay": "{} is paid.",
    "cancel": "{} is cancelled.",
}


def is_late(paper: OrderPaper) -> bool:
    """Whether its day has passed and it is not done."""
    return paper.due is not None and paper.due < today() and paper.state not in DONE


def due_of(paper: OrderPaper) -> str:
    """The due day, and that it has passed."""
    return f"{show(paper.due, 'date')[0]}{', late' if is_late(paper) else ''}"


def deal_link(paper: OrderPaper) -> str:
    return reverse("crm:deal", args=[paper.deal_id]) if paper.deal_id else ""


def paper_account_link(paper: OrderPaper) -> str:
    return account_url(paper.account) if paper.account else ""


def in_its_currency(paper: OrderPaper) -> str:
    """The amount and its currency; empty where that is the base currency."""
    if paper.amount is None or paper.currency_id in (None, base_currency()):
        return ""
    return f"{show(paper.amount, 'money')[0]} {paper.currency_id}"


def share_of(name: str) -> Any:
    """A column's value that is stored in percent, as a share."""
    return lambda paper: getattr(paper, name) / 100


NUMBER = Column("number", "Number", kind="code", order="number")
KIND = Column("kind", "Kind", "get_kind_display", order="kind")
ACCOUNT = Column("account", "Account", "account.name", order="account__name", link=paper_account_link)
STATE = Column(
    "state",
    "State",
    "get_state_display",
    "badge",
    order="state",
    tone=lambda paper: TONES[PaperState(paper.state)],
)
AMOUNT = Column("amount", "Amount", kind="money", order="amount")
FOREIGN = Column("foreign", "In its currency", in_its_currency)
CURRENCY = Column("currency", "Currency", "currency_id", order="currency")
DISCOUNT = Column("discount", "Discount", share_of("discount_percent"), "percent", order="discount_percent")
DELIVERED = Column(
    "delivered", "Delivered", share_of("delivered_percent"), "percent", order="delivered_percent"
)
DUE = Column("due", "Due", kind="date", order="due")
OWNER = Column("owner", "Owner", accountable, order="owner__name")


def worth_column() -> Column:
    """What a paper is worth in base currency."""
    return Column("worth", "Worth", kind="money", unit=base_currency(), order="rank")


class PaperList(ListPage):
    """All papers, newest change first."""

    action = VIEW
    title = "Order papers"
    filterset_class = PaperFilter
    default_order = "-changed_state,-pk"
    empty = Empty(
        "No order papers here",
        "Quotes, contracts, orders and invoices are followed here from draft to paid. Write one, import a "
        "file, or let the CRM or ERP push them.",
    )

    columns = [NUMBER, KIND, ACCOUNT, STATE, FOREIGN, DISCOUNT, DELIVERED, DUE, OWNER]

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [*self.columns[:4], worth_column(), *self.columns[4:]]

    def rows(self, request: HttpRequest) -> QuerySet[OrderPaper]:
        return papers_visible_to(person_of(request))

    def row_url(self, row: OrderPaper) -> str:
        return paper_url(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        return sums_of(rows)

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        told = (
            ("Open", "open", "Not paid, declined or cancelled", ""),
            ("Late", "late", "Open, and their day has passed", "bad" if totals["late"] else ""),
            ("To deliver", "undelivered", "Of signed and invoiced orders and contracts", ""),
            ("To collect", "unpaid", "Invoiced and not paid", ""),
        )
        return {
            "figures": [
                {
                    "label": label,
                    "value": show(round(totals[name]), "number")[0],
                    "unit": base_currency(),
                    "help": words,
                    "tone": tone,
                }
                for label, name, words, tone in told
            ]
        }

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, EDIT):
            return {}
        return {"primary": Link("Write a paper", reverse("crm:paper-add"))}


class PaperPage(DetailPage):
    """One paper: where it is on its way, what may happen next, and what stands against it."""

    action = VIEW
    template_name = "crm/papers/detail.html"
    refused: Refused | None = None
    reason = ""
    facts = [
        KIND,
        Column("account", "Account", "account.name", link=paper_account_link),
        Column("deal", "Deal", lambda paper: str(paper.deal) if paper.deal else None, link=deal_link),
        Column(
            "follows",
            "Follows",
            lambda paper: str(paper.follows) if paper.follows else None,
            link=lambda paper: paper_url(paper.follows) if paper.follows else "",
        ),
        AMOUNT,
        CURRENCY,
        Column("worth", "Worth in base currency", kind="money"),
        DISCOUNT,
        DELIVERED,
        Column("due", "Due", due_of),
        Column("owner", "Looked after by", accountable),
        Column(
            "document",
            "Document",
            lambda paper: "Open it" if paper.document else None,
            link=lambda paper: paper.document,
        ),
        Column("submitted_by", "Approval asked by", "submitted_by.name"),
        Column("approved_by", "Approved by", "approved_by.name"),
        Column("source", "Written in", lambda paper: "sopcycle" if paper.source == HERE else paper.source),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[OrderPaper]:
        return marked(papers_visible_to(person_of(request)))

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("changed_state",)  # the history says when, line by line

    def parents(self, request: HttpRequest, row: OrderPaper) -> list[Link]:
        return [Link("Order papers", reverse("crm:paper-list"))]

    def sections(self, request: HttpRequest, row: OrderPaper) -> list[Section]:
        columns = [NUMBER, KIND, STATE, AMOUNT, CURRENCY, DUE]
        empty = Empty("No others", "Papers of the same deal, and those that follow this one, stand here.")
        follow = FOLLOWING.get(PaperKind(row.kind))
        links = (
            ()
            if follow is None or row.source != HERE
            else (Link(f"Write the {follow.label.lower()}", _follow_url(row, follow), EDIT),)
        )
        chain = chain_of(person_of(request), row)
        return [
            table_section("Papers around it", chain, columns, empty=empty, row_url=paper_url, links=links)
        ]

    def more(self, request: HttpRequest, row: OrderPaper) -> dict[str, Any]:
        return _moves_of(request, row, self.reason) | {
            "steps": _steps(row),
            "wrong": kinds_of(row),
            "refused": self.refused.reasons if self.refused else None,
            "afterwards": _afterwards(request, row),
            "may_edit": row.state not in DONE and bool(can(request.user, EDIT)),
        }


def _moves_of(request: HttpRequest, paper: OrderPaper, reason: str) -> dict[str, Any]:
    """What may happen next: at once, after something is mended, with a reason; and the delivery."""
    person = person_of(request)
    moves = offered_moves(paper, person)
    plain = [(move, refusals(paper, move, person)) for move in moves if not move.asks_reason]
    asking = [move for move in moves if move.asks_reason]
    return {
        "ready": [move for move, against in plain if not against],
        "blocked": [(move, against) for move, against in plain if against],
        "asking": [(m, ReasonForm(initial={"reason": reason}, auto_id=f"{m.name}_%s")) for m in asking],
        "delivery": _delivery_form(paper) if can(person, EDIT) and may_deliver(paper) else None,
    }


def _afterwards(request: HttpRequest, paper: Any) -> ReasonForm | None:
    """The form that approves what went out elsewhere, for those who may."""
    if paper.source == HERE or not paper.is_unapproved or not can(request.user, "papers.approve"):
        return None
    return ReasonForm(auto_id="afterwards_%s")


def _delivery_form(paper: OrderPaper) -> DeliveryForm:
    return DeliveryForm(
        initial={"delivered_percent": typed(paper.delivered_percent), "revision": paper.revision}
    )


def _steps(paper: OrderPaper) -> list[dict[str, Any]]:
    """Draft → sent → signed → …, with the approval where it is asked for."""
    if paper.state in {PaperState.DECLINED, PaperState.CANCELLED}:
        return [
            {"label": paper.get_state_display(), "state": "current", "tone": TONES[PaperState(paper.state)]}
        ]
    way = list(WAYS[PaperKind(paper.kind)])
    if paper.submitted_by_id or paper.state in {PaperState.APPROVAL, PaperState.APPROVED}:
        way[1:1] = [PaperState.APPROVED if paper.state != PaperState.APPROVAL else PaperState.APPROVAL]
    here = way.index(paper.state) if paper.state in way else len(way)
    return [
        {
            "label": PaperState(name).label,
            "state": "done" if place < here else "current" if place == here else "todo",
        }
        for place, name in enumerate(way)
    ]


def _follow_url(paper: OrderPaper, kind: PaperKind) -> str:
    amount = "" if paper.amount is None else f"&amount={typed(paper.amount)}"
    currency = f"&currency={paper.currency_id}" if paper.currency_id else ""
    follows = quote(f"{paper.get_kind_display()} {paper.number}")
    return f"{reverse('crm:paper-add')}?kind={kind.value}&follows={follows}{amount}{currency}"


class PaperMove(Page):
    """Make one move."""

    action = VIEW

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        if name not in PAPER_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        reason = request.POST.get("reason", "")
        try:
            moved = move_paper(actor=person, paper=paper, name=name, reason=reason)
        except Denied:
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal, reason)
        messages.success(request, DONE_WORDS[name].format(moved))
        return redirect(paper_url(moved))


class PaperApproval(Page):
    """Approve a paper that went out in another system."""

    action = "papers.approve"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        try:
            approve_afterwards(actor=person, paper=paper, reason=request.POST.get("reason", ""))
        except Denied:
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal)
        messages.success(request, f"{paper} is approved.")
        return redirect(paper_url(paper))


class PaperDelivery(Page):
    """Report how much is delivered."""

    action = EDIT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        form = DeliveryForm(request.POST)
        if not form.is_valid():
            refusal = Refused(
                *(Reason(str(e), "invalid", n) for n, all_ in form.errors.items() for e in all_)
            )
            return show_refused(request, pk, refusal, status=400)
        try:
            report_delivery(actor=person, paper=paper, **form.cleaned_data)
        except (Denied, Conflict):
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal)
        messages.success(request, f"{paper}: the delivery is kept.")
        return redirect(paper_url(paper))


def show_refused(
    request: HttpRequest, pk: int, refusal: Refused, reason: str = "", status: int = 0
) -> HttpResponse:
    """The paper's page with every reason on top; nothing has changed."""
    page = PaperPage()
    page.setup(request, pk=pk)
    page.refused, page.reason = refusal, reason
    response = page.get(request, pk=pk)
    response.status_code = status or refusal.status
    return response


class PaperAdd(AddPage):
    action = EDIT
    form_class = PaperForm
    heading = "Write a paper"
    submit_label = "Save the draft"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"currency": base_currency()} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> OrderPaper:
        return create_paper(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: OrderPaper) -> str:
        return paper_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:paper-list")


class PaperEdit(EditPage):
    """A draft as a whole; later only what nobody has agreed on."""

    action = EDIT
    form_class: ClassVar[type[RowForm]] = PaperForm
    submit_label = "Save the paper"

    def rows(self, request: HttpRequest) -> QuerySet[OrderPaper]:
        return papers_visible_to(person_of(request))

    def row(self, request: HttpRequest, **kwargs: Any) -> OrderPaper:
        paper = super().row(request, **kwargs)
        if paper.source != HERE:
            self.form_class = OwnerForm  # type: ignore[misc]
        elif paper.state != PaperState.DRAFT:
            self.form_class = RestOfPaperForm  # type: ignore[misc]
        return paper

    def change(
        self, request: HttpRequest, row: OrderPaper, revision: int, data: dict[str, Any]
    ) -> OrderPaper:
        return change_paper(actor=person_of(request), paper=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: OrderPaper) -> str:
        return paper_url(saved)
