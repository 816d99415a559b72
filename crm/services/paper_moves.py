"""Moving order papers on: deliveries, approvals, signatures, payments."""

from decimal import Decimal

from django.db import transaction

from core.access import require
from core.editing import change_row
from core.errors import Invalid, Reason, Refused
from core.formats import grouped
from core.models import Person
from core.roles import Role
from core.services.notifications import notify
from crm.models import OrderPaper, PaperKind, PaperState
from crm.selectors.papers import HERE
from crm.services.papers import EDIT, foreign
from crm.workflow.papers import a_kind, locked, not_own, paper_url, perform

BILLABLE = {PaperKind.CONTRACT, PaperKind.ORDER}
DELIVERABLE = {PaperState.SIGNED, PaperState.INVOICED, PaperState.PAID}


@transaction.atomic
def report_delivery(
    *, actor: Person | None, paper: OrderPaper, revision: int, delivered_percent: Decimal
) -> OrderPaper:
    """Say how much of an order or contract is delivered, in percent.

    Raises Refused before it is signed and for papers of another system, Conflict on a stale revision.
    """
    require(actor, EDIT)
    fresh = locked(paper.pk)
    reasons = _not_deliverable(fresh)
    if reasons:
        raise Refused(*reasons)
    if not 0 <= delivered_percent <= 100:
        raise Invalid(Reason("Write a percentage between 0 and 100.", "invalid", "delivered_percent"))
    changes = {"delivered_percent": delivered_percent}
    return change_row(actor=actor, row=fresh, revision=revision, changes=changes, verb="delivery reported")


@transaction.atomic
def move_paper(*, actor: Person | None, paper: OrderPaper, name: str, reason: str = "") -> OrderPaper:
    """Make one move of a paper and tell whom it concerns. Raises Refused with every reason, or Denied."""
    asked_by = paper.submitted_by
    moved = perform(paper=paper, name=name, actor=actor, reason=reason)
    by = actor.name if actor else "The system"
    if name == "ask":
        money = f"{grouped(moved.amount, 2)} {moved.currency_id}"
        text = f"{moved.account}: {money}, discount {moved.discount_percent} %."
        notify(
            people=_deciders(moved, actor),
            title=f"{moved} waits for approval",
            text=text,
            url=paper_url(moved),
        )
    elif name in {"approve", "reject"} and asked_by is not None:
        word = "approved" if name == "approve" else "sent back"
        notify(
            people=[asked_by],
            title=f"{moved} is {word}",
            text=f"{by}. {reason}".strip(),
            url=paper_url(moved),
        )
    return moved


@transaction.atomic
def approve_afterwards(*, actor: Person | None, paper: OrderPaper, reason: str) -> OrderPaper:
    """Approve a paper that went out in another system above the limits; its state stays as it is there.

    Raises Refused for papers that are written here, the own ones and without a reason, or Denied.
    """
    require(actor, "papers.approve")
    fresh = locked(paper.pk)
    reasons = not_own(fresh, actor)
    if fresh.source == HERE:
        text = f"{fresh} is approved before it is sent: ask for it."
        reasons.append(Reason(text, "wrong_source"))
    if not reason.strip():
        reasons.append(Reason("Say why, in one sentence.", "reason_missing", "reason"))
    if reasons:
        raise Refused(*reasons)
    changes = {"approved_by": actor}
    verb = "paper approved afterwards"
    return change_row(
        actor=actor, row=fresh, revision=fresh.revision, changes=changes, verb=verb, reason=reason.strip()
    )


def may_deliver(paper: OrderPaper) -> bool:
    """Whether a delivery of this paper can be reported now."""
    return not _not_deliverable(paper)


def _not_deliverable(paper: OrderPaper) -> list[Reason]:
    if paper.source != HERE:
        return [foreign(paper)]
    reasons = []
    if paper.kind not in BILLABLE:
        text = f"{a_kind(paper)} is not delivered. Report it on the order or contract."
        reasons.append(Reason(text, "wrong_kind", "delivered_percent"))
    if paper.state not in DELIVERABLE:
        text = f"{paper} is {paper.get_state_display().lower()}: deliveries are reported once it is signed."
        reasons.append(Reason(text, "wrong_state", "delivered_percent"))
    return reasons


def _deciders(paper: OrderPaper, actor: Person | None) -> list[Person]:
    """The manager above who has the deal or the account, if that one may decide; else the S&OP managers."""
    rep = (paper.deal.rep if paper.deal else None) or (paper.account.owner if paper.account else None)
    boss = rep.manager.person if rep and rep.manager else None
    if boss is not None and boss.is_active and boss != actor and Role.SALES_MANAGER in boss.roles:
        return [boss]
    return [
        one for one in Person.objects.filter(roles__contains=[Role.MANAGER], is_active=True) if one != actor
    ]
