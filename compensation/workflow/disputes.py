"""How a dispute moves: the guards of its move table, and the one way to move."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from catalog.workflow import Guard, Workflow
from compensation.engine.moves import DISPUTE_MOVES
from compensation.models import Dispute, DisputeState
from core.editing import change_row
from core.errors import Reason, Refused
from core.models import Person


def own(dispute: Dispute, actor: Person | None) -> list[Reason]:
    """Only who raised it takes it back."""
    if actor is None or actor.pk == dispute.raised_by_id:
        return []
    return [Reason("Only who raised a dispute withdraws it.", "not_yours")]


def not_own(dispute: Dispute, actor: Person | None) -> list[Reason]:
    """Nobody decides about the own pay."""
    if actor is None or actor.pk not in {dispute.raised_by_id, dispute.rep.person_id}:
        return []
    return [Reason("This dispute is about your own pay. A colleague decides it.", "own_pay")]


GUARDS: dict[str, Guard] = {guard.__name__: guard for guard in (own, not_own)}
DISPUTES = Workflow(DISPUTE_MOVES, GUARDS, "dispute")


def offered_moves(dispute: Dispute, person: Person) -> list[Move]:
    """The moves that the person could make now: by role, and whose dispute it is."""
    offered = DISPUTES.offered(dispute, person)
    return [move for move in offered if not DISPUTES.refusals(dispute, move, person)]


def perform(
    *, dispute: Dispute, name: str, actor: Person | None, reason: str, revision: int, changes: dict[str, Any]
) -> Dispute:
    """Make one move with what it changes, inside the caller's transaction.

    Raises Refused with every reason at once, Conflict on a stale revision, Denied by role.
    """
    row = Dispute.objects.select_for_update(of=("self",)).select_related("rep").get(pk=dispute.pk)
    if row.state != DisputeState.OPEN:
        state = row.get_state_display().lower()
        raise Refused(Reason(f"{row} is decided already: {state}. Reload the page.", "wrong_state"))
    move = DISPUTES.allowed(row, name, actor, reason=reason, revision=revision)
    now = timezone.now()
    signed = {"state": move.target, "decided_by": actor, "decided": now, "decision": reason.strip()}
    if move.target != DisputeState.WITHDRAWN and row.first_answer is None:
        signed["first_answer"] = now
    return change_row(
        actor=actor,
        row=row,
        revision=row.revision,
        changes=signed | changes,
        verb=f"dispute {DisputeState(move.target).label.lower()}",
    )


def dispute_url(dispute: Dispute) -> str:
    """The page of a dispute."""
    return reverse("compensation:dispute", args=[dispute.pk])
