"""How an adjustment moves, and which months are closed."""

import datetime as dt
from typing import Any

from django.utils import timezone

from catalog.engine.moves import Move
from catalog.workflow import Guard
from compensation.engine.moves import ADJUSTMENT_MOVES
from compensation.models import Adjustment
from compensation.workflow.run_moving import SignedWorkflow
from compensation.workflow.runs import closed_run_of, run_url
from core.errors import Reason, Refused
from core.models import Person


def closed_month(month: dt.date) -> list[Reason]:
    """The reason why nothing is paid with a month any more; none while it is open."""
    closed = closed_run_of(month.replace(day=1))
    if closed is None:
        return []
    text = (
        f"{month:%B %Y} is {closed.get_state_display().lower()}: its pay never changes. "
        "Choose a month that is open."
    )
    return [Reason(text, "month_closed", "month", run_url(closed))]


def refuse_closed(month: dt.date) -> None:
    """The period lock for services: raise Refused when the month's pay is locked."""
    if reasons := closed_month(month):
        raise Refused(*reasons)


def month_is_open(row: Adjustment, actor: Person | None) -> list[Reason]:
    """Nothing is paid with a month that is locked."""
    return closed_month(row.month)


def not_own(row: Adjustment, actor: Person | None) -> list[Reason]:
    """Nobody decides what they proposed, nor what they are paid themselves."""
    if actor is None:
        return []
    reasons = []
    if actor.pk == row.made_by_id:
        reasons.append(Reason("You proposed this adjustment. A colleague decides.", "own_adjustment"))
    if actor.pk == row.rep.person_id:
        reasons.append(Reason("This adjustment is of your own pay. A colleague decides.", "own_pay"))
    return reasons


GUARDS: dict[str, Guard] = {guard.__name__: guard for guard in (month_is_open, not_own)}


def _signing(move: Move, actor: Person | None) -> dict[str, Any]:
    if move.name in {"approve", "reject"}:
        return {"decided_by": actor, "decided": timezone.now()}
    return {}


ADJUSTMENTS = SignedWorkflow(ADJUSTMENT_MOVES, GUARDS, "adjustment", Adjustment, _signing)
