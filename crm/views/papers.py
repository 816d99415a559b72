"""Pages of order papers: the list, one paper with what may happen next, the form."""

from typing import Any, ClassVar
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import person_of
from core.errors import Refused
from core.formats import typed
from core.forms import RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from crm.engine.paper_moves import DONE
from crm.filters.papers import PaperFilter
from crm.forms.papers import DeliveryForm, OwnerForm, PaperForm, ReasonForm, RestOfPaperForm
from crm.models import OrderPaper, PaperKind, PaperState
from crm.selectors.paper_exceptions import kinds_of, marked
from crm.selectors.papers import HERE, accountable, chain_of, papers_visible_to, sums_of
from crm.services.paper_moves import may_deliver
from crm.services.papers import change_paper, create_paper
from crm.views.paper_columns import (
    ACCOUNT,
    AMOUNT,
    CURRENCY,
    DELIVERED,
    DISCOUNT,
    DUE,
    EDIT,
    FOREIGN,
    KIND,
    NUMBER,
    OWNER,
    STATE,
    TONES,
    VIEW,
    deal_link,
    due_of,
    paper_account_link,
    worth_column,
)
from crm.views.pipeline_base import figure
from crm.workflow.papers import PAPERS, offered_moves, paper_url

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
                figure(label, totals[name], help=words, tone=tone) for label, name, words, tone in told
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
    plain = [(move, PAPERS.refusals(paper, move, person)) for move in moves if not move.asks_reason]
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
