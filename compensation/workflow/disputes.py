"""How a dispute moves: the guards of its move table, and the one way to move."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from compensation.engine.moves import DISPUTE_MOVES
from compensation.models import Dispute, DisputeState
from core.access import require
from core.editing import change_row
from core.errors import Conflict, Reason, Refused
from core.models import Person
from core.roles import can

Guard = Callable[[Dispute, Person | None], list[Reason]]


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


def offered_moves(dispute: Dispute, person: Person) -> list[Move]:
    """The moves that the person could make now: by role, and whose dispute it is."""
    moves = DISPUTE_MOVES.leaving(dispute.state)
    return [move for move in moves if can(person, move.action) and not refusals(dispute, move, person)]


def refusals(dispute: Dispute, move: Move, actor: Person | None) -> list[Reason]:
    """Every reason at once why the move is not possible now."""
    return [reason for name in move.guards for reason in GUARDS[name](dispute, actor)]


def perform(
    *, dispute: Dispute, name: str, actor: Person | None, reason: str, revision: int, changes: dict[str, Any]
) -> Dispute:
    """Make one move with what it changes, inside the caller's transaction.

    Raises Refused with every reason at once, Conflict on a stale revision, Denied by role.
    """
    row = Dispute.objects.select_for_update(of=("self",)).select_related("rep").get(pk=dispute.pk)
    move = _allowed(row, name, actor, reason, revision)
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


def _allowed(row: Dispute, name: str, actor: Person | None, reason: str, revision: int) -> Move:
    move = DISPUTE_MOVES.find(name, row.state)
    if move is None:
        state = row.get_state_display().lower()
        raise Refused(Reason(f"{row} is decided already: {state}. Reload the page.", "wrong_state"))
    require(actor, move.action, row)
    if revision != row.revision:
        state = row.get_state_display()
        raise Conflict(label=str(row), yours={}, theirs={"state": state}, revision=row.revision)
    reasons = refusals(row, move, actor)
    if move.asks_reason and not reason.strip():
        reasons.insert(0, Reason("Say why, in one sentence.", "reason_missing", "reason"))
    if reasons:
        raise Refused(*reasons)
    return move


def dispute_url(dispute: Dispute) -> str:
    """The page of a dispute."""
    return reverse("compensation:dispute", args=[dispute.pk])
