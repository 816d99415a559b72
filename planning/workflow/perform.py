"""Making a move, or refusing it with every reason at once."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.moves import Move
from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can
from planning.engine.moves import STAGES, find_move, moves_from
from planning.models import Cycle, Stage, StageName
from planning.selectors.artefacts import ARTEFACTS
from planning.workflow import checklist, data, demand, reconciliation, release, revision, supply

Guard = Callable[[Cycle], list[Reason]]
GUARDS: dict[str, Guard] = {
    **checklist.GUARDS,
    **data.GUARDS,
    **demand.GUARDS,
    **supply.GUARDS,
    **reconciliation.GUARDS,
    **release.GUARDS,
    **revision.GUARDS,
}


def offered_moves(cycle: Cycle, person: Person) -> list[Move]:
    """The moves out of the cycle's stage that the person's role allows, in the table's order."""
    return [move for move in moves_from(cycle.stage) if can(person, move.action)]


def refusals(cycle: Cycle, move: Move) -> list[Reason]:
    """Every reason at once why the move is not possible now."""
    return [reason for name in move.guards for reason in GUARDS[name](cycle)]


@transaction.atomic
def perform(*, cycle: Cycle, name: str, actor: Person | None, reason: str = "") -> Cycle:
    """Make one move, or refuse it with every reason at once and change nothing.

    Locks the cycle: of many who press the same button at once one is accepted, and one event is
    written. Raises Refused, or Denied where the actor's role may not.
    """
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
    move = _allowed(cycle, name, actor, reason)
    _stamp_stages(cycle, move, actor, reason)
    cycle.stage = move.target
    cycle.revision += 1
    if move.target == StageName.RELEASED:
        cycle.released = timezone.now()
    cycle.save(update_fields=["stage", "revision", "released"])
    record(
        actor=actor,
        verb=move.label.lower(),
        subject=cycle,
        before={"stage": move.source},
        after={"stage": move.target},
        reason=reason.strip(),
    )
    return cycle


def _allowed(cycle: Cycle, name: str, actor: Person | None, reason: str) -> Move:
    move = find_move(name, cycle.stage)
    if move is None:
        stage = cycle.get_stage_display().lower()
        text = f"{cycle} is in {stage}; that is not possible now. Reload the page to see where it stands."
        raise Refused(Reason(text, "wrong_stage"))
    require(actor, move.action, cycle)
    reasons = refusals(cycle, move)
    if move.asks_reason and not reason.strip():
        reasons.insert(0, Reason("Say why, in one sentence.", "reason_missing", "reason"))
    if reasons:
        raise Refused(*reasons)
    return move


def _stamp_stages(cycle: Cycle, move: Move, actor: Person | None, reason: str) -> None:
    """Sign the stage that is left, or take the signatures of the reopened ones back."""
    if move.name.startswith("reopen-"):
        reopened = STAGES[STAGES.index(move.target) :]
        for stage in cycle.stages.filter(name__in=reopened).exclude(signed=None):
            _change(stage, signed=None, signed_by=None, made_from={})
    elif move.target not in {StageName.ABANDONED, StageName.SUPERSEDED} and actor is not None:
        stage = cycle.stages.get(name=move.source)
        made_from = ARTEFACTS[move.source].made_from(cycle)
        _change(stage, signed=timezone.now(), signed_by=actor, made_from=made_from, note=reason.strip())


def _change(stage: Stage, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(stage, name, value)
    stage.revision += 1
    stage.save(update_fields=[*changes, "revision"])
