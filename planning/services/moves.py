"""Making a move with everything that follows it, in one transaction: publishing, telling, superseding."""

from collections.abc import Callable

from django.db import transaction

from catalog.engine.moves import Move
from core.models import Person
from core.services.notifications import notify
from forecasting.models import RunState
from planning.engine.moves import STAGES, find_move
from planning.models import Cycle, StageName
from planning.pipeline.consensus import recompute
from planning.selectors.addresses import cycle_path
from planning.services.demand_events import unmask_months
from planning.services.releases import publish
from planning.services.requests import close_request
from planning.workflow import perform

# What a move leaves behind: the cycle after the move, the move, who made it, why, and who had
# signed what it reopens.
Effect = Callable[[Cycle, Move, Person | None, str, list[Person]], None]


@transaction.atomic
def make_move(*, actor: Person | None, cycle: Cycle, name: str, reason: str = "") -> Cycle:
    """Move a cycle to another stage, and do what follows from it in the same transaction.

    Raises Refused with every reason at once, or Denied where the actor's role may not.
    """
    locked = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
    move = find_move(name, locked.stage)
    signers = _signers(locked, move)
    moved = perform(cycle=locked, name=name, actor=actor, reason=reason)
    if move is not None:  # else perform has refused
        for effect in effects_of(move):
            effect(moved, move, actor, reason.strip(), signers)
    return moved


def effects_of(move: Move) -> tuple[Effect, ...]:
    """What follows the move, in order."""
    if move.target in ENDED:
        return ENDED[move.target]
    if _reopens(move):
        return _close_request, _tell_signers, _tell_next_owner
    return (*BEGUN.get(move.target, ()), _tell_next_owner)


def _reopens(move: Move | None) -> bool:
    return move is not None and move.name.startswith("reopen-")


def _signers(cycle: Cycle, move: Move | None) -> list[Person]:
    """Who signed the stages that the move reopens."""
    if move is None or not _reopens(move):
        return []
    reopened = STAGES[STAGES.index(move.target) :]
    stages = cycle.stages.filter(name__in=reopened).select_related("signed_by")
    return [stage.signed_by for stage in stages if stage.signed_by is not None]


def _tell_next_owner(
    cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]
) -> None:
    stage = cycle.stages.select_related("owner").get(name=move.target)
    label = stage.get_name_display()
    what = f"{label} is reopened" if _reopens(move) else f"{label} is yours"
    title = f"{cycle}: {what}, due {stage.due.day} {stage.due:%b}."
    notify(people=[stage.owner], title=title, text=reason, url=cycle_path(cycle, stage.name))


def _tell_signers(cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]) -> None:
    target = StageName(move.target).label.lower()
    who = actor.name if actor else "the system"
    title = f"{cycle} is back in {target}: your signature is taken back."
    notify(people=signers, title=title, text=f"{who}: {reason}", url=cycle_path(cycle))


def _tell_everybody(
    cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]
) -> None:
    owners = [stage.owner for stage in cycle.stages.select_related("owner")]
    notify(people=owners, title=f"{cycle} is abandoned.", text=reason, url=cycle_path(cycle))


def _unmask(cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]) -> None:
    unmask_months(cycle)


def _publish(cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]) -> None:
    publish(actor=actor, cycle=cycle)


def _close_request(
    cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]
) -> None:
    close_request(actor=actor, cycle=cycle, why=reason)


def _supersede(cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]) -> None:
    """The release of a revision ends the plan it revises."""
    if cycle.supersedes is not None:
        make_move(actor=actor, cycle=cycle.supersedes, name="supersede", reason=f"{cycle} is released.")


def _work_consensus_out(
    cycle: Cycle, move: Move, actor: Person | None, reason: str, signers: list[Person]
) -> None:
    """Demand planning begins with the consensus of the forecast that was just signed."""
    if cycle.forecast_run is not None and cycle.forecast_run.state == RunState.DONE:
        recompute(cycle)


BEGUN: dict[str, tuple[Effect, ...]] = {StageName.DEMAND: (_work_consensus_out,)}
ENDED: dict[str, tuple[Effect, ...]] = {
    StageName.RELEASED: (_publish, _supersede),
    StageName.ABANDONED: (_close_request, _unmask, _tell_everybody),
    StageName.SUPERSEDED: (),
}
