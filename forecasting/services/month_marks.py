"""What people say about single months of history: this really happened, or this says nothing."""

import datetime as dt

from django.db import transaction

from catalog.models import DemandUnit
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from forecasting.models import MonthMark, MonthSaid
from forecasting.selectors.months import span_of_sales
from forecasting.services.steering import may_steer, reason_given

VERBS = {
    MonthSaid.KEPT: "month kept",
    MonthSaid.MASKED: "month masked",
    MonthSaid.NOTHING: "month left to the forecast",
}


@transaction.atomic
def mark_month(
    *,
    actor: Person | None,
    demand_unit: DemandUnit,
    month: dt.date,
    said: MonthSaid,
    reason: str = "",
    revision: int | None = None,
) -> MonthMark:
    """Keep a month however odd it looks, mask it, or leave it to the forecast again; next runs heed it.

    Saying the same twice changes nothing. Raises Invalid without a reason or outside of the history,
    Conflict when `revision` is older than what stands there, Denied outside of rights or scope.
    """
    may_steer(actor, demand_unit)
    first = month.replace(day=1)
    why = reason.strip() if said == MonthSaid.NOTHING else reason_given(reason)
    _refuse_outside_of_history(demand_unit, first)
    there = MonthMark.objects.select_for_update().filter(demand_unit=demand_unit, month=first).first()
    if there is None:
        row = MonthMark(demand_unit=demand_unit, month=first, said=said, reason=why, owner=actor)
        return create_row(actor=actor, row=row, verb=VERBS[said], reason=why)
    return change_row(
        actor=actor,
        row=there,
        revision=there.revision if revision is None else revision,
        changes={"said": str(said), "reason": why} | _by(there, actor, said, why),
        verb=VERBS[said],
        reason=why,
    )


def _by(there: MonthMark, actor: Person | None, said: MonthSaid, why: str) -> dict[str, Person | None]:
    """Who says something new owns it."""
    return {} if (there.said, there.reason) == (said, why) else {"owner": actor}


def _refuse_outside_of_history(demand_unit: DemandUnit, month: dt.date) -> None:
    span = span_of_sales(demand_unit.pk)
    if span is None:
        raise Invalid(Reason(f"{demand_unit} has no sales to say anything about.", "no_history", "month"))
    if not span[0] <= month <= span[1]:
        text = f"Use a month from {span[0]:%b %Y} to {span[1]:%b %Y}: those are known of {demand_unit}."
        raise Invalid(Reason(text, "outside_history", "month"))
