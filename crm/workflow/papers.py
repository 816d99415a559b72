"""How an order paper moves: the guards of the move table, and the one way to move.

A paper of another system moves as it moves there; here only those written here do.
"""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from catalog.selectors import base_currency
from catalog.workflow import Guard, Workflow
from core.errors import Reason, Refused
from core.formats import show
from core.models import Person
from crm.engine.paper_moves import CHOOSING, PAPER_MOVES
from crm.engine.paper_policy import over_discount, over_money
from crm.models import OrderPaper, PaperKind
from crm.selectors.papers import HERE, limits, terms_of, with_worth

LOCKED_WITH = ("account__owner", "deal__rep", "currency", "owner", "submitted_by")
NEXT_STEP = {
    PaperKind.QUOTE: "the customer's answer",
    PaperKind.CONTRACT: "the signature",
    PaperKind.ORDER: "the delivery",
    PaperKind.INVOICE: "the payment",
}


def has_amount(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """What leaves the house says what it costs."""
    if paper.amount:
        return []
    return [_mend(paper, "The amount is missing. Write what the paper is about to cost.", "amount")]


def has_due_day(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """What somebody has to act on has a day by which."""
    if paper.due:
        return []
    what = NEXT_STEP[PaperKind(paper.kind)]
    return [_mend(paper, f"The due day is missing. Say by when {what} is due.", "due")]


def has_document(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """What is sent has an address where the document lies."""
    if paper.document:
        return []
    return [_mend(paper, "The document is missing. Add the address where it lies.", "document")]


def discount_within_limit(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """A discount above the company's limit needs an approval."""
    if not over_discount(terms_of(paper), limits()):
        return []
    given, most = show(paper.discount_percent / 100, "percent")[0], limits().discount_percent / 100
    text = (
        f"A discount of {given} is above the {show(most, 'percent')[0]} that may be given without approval. "
        "Ask for approval, or give less."
    )
    return [_mend(paper, text, "discount_percent", "discount_above_limit")]


def amount_within_limit(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """Money above the company's limit needs an approval; without a month rate nobody can tell."""
    terms = terms_of(paper)
    if not paper.amount or not over_money(terms, limits()):
        return []
    if terms.worth is None:
        text = (
            f"{paper.currency_id} has no month rate, so nobody can tell whether the amount needs approval. "
            "Add the rate, or ask for approval."
        )
        return [Reason(text, "no_rate", "currency", reverse("catalog:month-rate-list"))]
    currency = base_currency()
    text = (
        f"{show(terms.worth, 'money')[0]} {currency} are above the {show(limits().money, 'money')[0]} "
        f"{currency} that may be sent without approval. Ask for approval."
    )
    return [_mend(paper, text, "amount", "amount_above_limit")]


def not_own(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """Nobody approves a paper that they submitted, own or sell."""
    if actor is None:
        return []
    sells = paper.deal.rep.person_id if paper.deal and paper.deal.rep else None
    if actor.pk == paper.submitted_by_id:
        return [Reason("You asked for this approval yourself. A colleague decides.", "own_paper")]
    if actor.pk in {paper.owner_id, sells}:
        return [Reason("This is your own paper. A colleague decides.", "own_paper")]
    return []


def is_signed_paper(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """Everything but an invoice is signed."""
    if paper.kind != PaperKind.INVOICE:
        return []
    return [Reason("An invoice is not signed. Mark it as paid when the money is there.", "wrong_kind")]


def is_invoice(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """Only an invoice is paid."""
    if paper.kind == PaperKind.INVOICE:
        return []
    text = f"{a_kind(paper)} is not paid before it is signed and invoiced."
    return [Reason(text, "wrong_kind")]


def is_billable(paper: OrderPaper, actor: Person | None) -> list[Reason]:
    """Only contracts and orders are invoiced."""
    if paper.kind in {PaperKind.CONTRACT, PaperKind.ORDER}:
        return []
    return [Reason(f"{a_kind(paper)} is not invoiced. Write the order that follows it.", "wrong_kind")]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        *(has_amount, has_due_day, has_document, discount_within_limit, amount_within_limit),
        *(not_own, is_signed_paper, is_invoice, is_billable),
    )
}


PAPERS = Workflow(PAPER_MOVES, GUARDS, "paper")


def offered_moves(paper: OrderPaper, person: Person) -> list[Move]:
    """The moves out of this state that the person's role and the paper's kind allow, in the table's order."""
    if paper.source != HERE:
        return []
    return [
        move
        for move in PAPERS.offered(paper, person)
        if not any(GUARDS[name](paper, person) for name in move.guards if name in CHOOSING)
    ]


@transaction.atomic
def perform(*, paper: OrderPaper, name: str, actor: Person | None, reason: str = "") -> OrderPaper:
    """Make one move, or refuse it with every reason at once and change nothing.

    Raises Refused, or Denied where the actor's role may not.
    """
    row = locked(paper.pk)
    if row.source != HERE:
        raise Refused(Reason(f"{row} comes from {row.source}: it moves there.", "foreign"))
    move = PAPERS.allowed(row, name, actor, reason=reason)
    PAPERS.store(row, move, _settling(move, actor) | {"changed_state": timezone.now()}, actor, reason)
    return row


def locked(key: int) -> OrderPaper:
    """The paper as it is now, with its worth, locked until the transaction ends."""
    rows = with_worth(OrderPaper.objects.select_related(*LOCKED_WITH))
    return rows.select_for_update(of=("self",)).get(pk=key)


def _settling(move: Move, actor: Person | None) -> dict[str, Any]:
    """Who asked and who approved: forgotten when the paper becomes a draft again."""
    if move.target == "draft":
        return {"submitted_by": None, "approved_by": None}
    return {"ask": {"submitted_by": actor}, "approve": {"approved_by": actor}}.get(move.name, {})


def paper_url(paper: OrderPaper) -> str:
    """The page of a paper."""
    return reverse("crm:paper", args=[paper.pk])


def _mend(paper: OrderPaper, text: str, field: str, code: str = "") -> Reason:
    return Reason(text, code or f"{field}_missing", field, reverse("crm:paper-edit", args=[paper.pk]))


def a_kind(paper: OrderPaper) -> str:
    """Its kind at the beginning of a sentence: A quote, An order."""
    kind = paper.get_kind_display()
    return f"{'An' if kind[0] in 'AEIOU' else 'A'} {kind.lower()}"
