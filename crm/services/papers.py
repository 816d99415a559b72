"""Every write of order papers that a person or a program asks for."""

from typing import Any

from django.db import connection, transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from crm.engine.paper_moves import DONE
from crm.models import OrderPaper, PaperKind, PaperState
from crm.selectors.papers import HERE, papers_visible_to, today
from crm.workflow.papers import locked

EDIT = "papers.edit"
TERMS = (*("kind", "number", "account", "deal", "follows", "amount", "currency", "discount_percent"),)
LETTERS = {PaperKind.QUOTE: "Q", PaperKind.CONTRACT: "C", PaperKind.ORDER: "O", PaperKind.INVOICE: "I"}
NUMBERING = 7_401_001


@transaction.atomic
def create_paper(*, actor: Person | None, values: dict[str, Any], reason: str = "") -> OrderPaper:
    """Write a new draft. Without a number it gets the next of its kind; without an account, that of its deal.

    Raises Invalid by field, Denied outside the actor's rights or scope.
    """
    require(actor, EDIT)
    filled = _filled(values)
    paper = OrderPaper(source=HERE, **filled)
    if not paper.number:
        paper.number = _next_number(paper.kind)
    _refuse_mismatch(paper)
    row = create_row(actor=actor, row=paper, verb="paper written", reason=reason)
    _refuse_out_of_scope(actor, row)
    return row


@transaction.atomic
def change_paper(
    *, actor: Person | None, paper: OrderPaper, revision: int, changes: dict[str, Any], reason: str = ""
) -> OrderPaper:
    """Change a paper: a draft's terms, and until it is done its due day, document and owner.

    Raises Refused for terms that somebody has seen already and for papers of another system, Conflict on
    a stale revision, Invalid by field, Denied outside the actor's rights or scope.
    """
    require(actor, EDIT)
    fresh = locked(paper.pk)
    wanted = {name: value for name, value in changes.items() if getattr(fresh, name) != value}
    _refuse_fixed(fresh, wanted)
    if fresh.source == HERE and fresh.state == PaperState.DRAFT:
        changes = _filled(changes, fresh)
        _refuse_mismatch(_with(fresh, changes))
    verb = "paper changed"
    saved = change_row(actor=actor, row=fresh, revision=revision, changes=changes, verb=verb, reason=reason)
    _refuse_out_of_scope(actor, saved)
    return saved


def foreign(paper: OrderPaper) -> Reason:
    """Why a paper of another system is not changed here."""
    return Reason(f"{paper} comes from {paper.source}: it is changed there.", "foreign")


def _refuse_fixed(paper: OrderPaper, wanted: dict[str, Any]) -> None:
    """What others rely on stays: another system's values, terms that went out, papers that are done."""
    fixed = set(wanted) - {"owner"}
    if fixed and paper.source != HERE:
        raise Refused(foreign(paper))
    if wanted and paper.state in DONE:
        raise Refused(Reason(f"{paper} is {paper.get_state_display().lower()}: it stays as it is.", "done"))
    terms = [name for name in TERMS if name in wanted]
    if terms and paper.state != PaperState.DRAFT:
        state = paper.get_state_display().lower()
        raise Refused(
            *(
                Reason(
                    f"{paper} is {state}: its terms stay. Write a paper that follows it.", "terms_fixed", name
                )
                for name in terms
            )
        )


def _filled(values: dict[str, Any], paper: OrderPaper | None = None) -> dict[str, Any]:
    """The account and the deal come from what the paper follows, where nobody names them."""
    filled, is_new = dict(values), paper is None
    follows = filled.get("follows")
    if is_new and follows and not filled.get("deal"):
        filled["deal"] = follows.deal
    if (is_new or "account" in filled) and not filled.get("account"):
        known = filled.get("deal") or follows
        if known is None or known.account is None:
            raise Invalid(Reason("Name the account, or a deal that has one.", "required", "account"))
        filled["account"] = known.account
    return filled


def _with(paper: OrderPaper, changes: dict[str, Any]) -> OrderPaper:
    changed = OrderPaper.objects.get(pk=paper.pk)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _refuse_mismatch(paper: OrderPaper) -> None:
    reasons = []
    if paper.deal is not None and paper.deal.account_id not in (None, paper.account_id):
        text = f"{paper.deal} is a deal with {paper.deal.account}. Choose a deal of {paper.account}."
        reasons.append(Reason(text, "other_account", "deal"))
    if paper.follows is not None:
        if paper.follows.account_id not in (None, paper.account_id):
            text = f"{paper.follows} is for {paper.follows.account}. Choose a paper of {paper.account}."
            reasons.append(Reason(text, "other_account", "follows"))
        if paper.pk and _leads_to(paper.follows, paper.pk):
            reasons.append(
                Reason("A paper does not follow itself. Choose an earlier one.", "circle", "follows")
            )
    if reasons:
        raise Invalid(*reasons)


def _leads_to(paper: OrderPaper, key: int) -> bool:
    seen: set[int] = set()
    above: OrderPaper | None = paper
    while above is not None and above.pk not in seen:
        if above.pk == key:
            return True
        seen.add(above.pk)
        above = above.follows
    return False


def _next_number(kind: str) -> str:
    """Q-2026-0001 and so on; taken one after the other, so that two people never get the same."""
    begin = f"{LETTERS[PaperKind(kind)]}-{today():%Y}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
    taken = OrderPaper.objects.filter(source=HERE, kind=kind, number__regex=f"^{begin}[0-9]{{4,9}}$")
    last = max(
        (int(number.removeprefix(begin)) for number in taken.values_list("number", flat=True)), default=0
    )
    return f"{begin}{last + 1:04d}"


def _refuse_out_of_scope(actor: Person | None, paper: OrderPaper) -> None:
    if not papers_visible_to(actor).filter(pk=paper.pk).exists():
        raise Denied(f"{paper} would lie outside of your scope. Choose an account or a deal of your own.")
