"""Pin a method to a demand unit for the next runs, and take it off again; both with a reason."""

from django.db import transaction
from django.utils import timezone

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from forecasting.engine.pin import Method
from forecasting.models import ForecastPin


@transaction.atomic
def pin_method(*, actor: Person | None, unit: DemandUnit, method: str, reason: str) -> ForecastPin:
    """Use this method for the demand unit from the next run on, in the place of a pin that holds now.

    Raises Invalid without a reason or for an unknown method, Refused for an inactive unit or the same
    method again, Denied outside the actor's scope.
    """
    require(actor, "forecast.pin")
    _refuse_unseen(actor, unit)
    said = _checked(method, reason)
    fresh = DemandUnit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    if not fresh.is_active:
        raise Refused(f"“{unit}” is not active: no run forecasts it, so a pinned method would do nothing.")
    before = ForecastPin.objects.filter(demand_unit=fresh, ended=None).first()
    if before is not None:
        if before.method == method:
            raise Refused(f"“{unit}” is pinned to {before.get_method_display()} already.")
        _end(actor, before, before.revision, f"Replaced: {said}"[:400])
    row = ForecastPin(demand_unit=fresh, method=method, reason=said, pinned_by=actor)
    return create_row(actor=actor, row=row, verb="method pinned", reason=said)


@transaction.atomic
def end_pin(*, actor: Person | None, pin: ForecastPin, revision: int, reason: str) -> ForecastPin:
    """Let the route choose again from the next run on. Raises Invalid without a reason, Refused for a pin
    that has ended, Conflict after somebody else's change."""
    require(actor, "forecast.pin")
    _refuse_unseen(actor, pin.demand_unit)
    if pin.ended is not None:
        raise Refused(f"The pin of “{pin.demand_unit}” has ended already.")
    return _end(actor, pin, revision, _said(reason))


def _end(actor: Person | None, pin: ForecastPin, revision: int, reason: str) -> ForecastPin:
    changes = {"ended": timezone.now(), "ended_by": actor, "end_reason": reason}
    return change_row(
        actor=actor, row=pin, revision=revision, changes=changes, verb="pin ended", reason=reason
    )


def _checked(method: str, reason: str) -> str:
    if method not in set(Method):
        raise Invalid(Reason(f"“{method}” is no method. Choose one of the list.", "invalid", "method"))
    return _said(reason)


def _said(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Invalid(Reason("Say why, in a sentence that others understand.", "required", "reason"))
    return said


def _refuse_unseen(actor: Person | None, unit: DemandUnit) -> None:
    if actor is not None and not demand_units_visible_to(actor).filter(pk=unit.pk).exists():
        raise Denied(f"“{unit}” is outside your families and markets.")
