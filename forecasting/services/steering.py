"""What every service that steers forecasts asks first."""

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to, reach_of
from catalog.selectors.scope import Reach
from core.access import require
from core.errors import Denied, Invalid, Reason
from core.models import Person


def may_steer(actor: Person | None, *units: DemandUnit) -> None:
    """Raise Denied unless the person may steer forecasts, and these units are in their scope."""
    require(actor, "forecast.steer")
    if reach_of(actor) == Reach():
        return
    wanted = {unit.pk: unit for unit in units}
    seen = set(demand_units_visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    for key, unit in wanted.items():
        if key not in seen:
            raise Denied(f"{unit} lies outside of your scope. Ask somebody who plans it.")


def reason_given(reason: str) -> str:
    """The reason without blanks around it. Raises Invalid where there is none."""
    if not reason.strip():
        text = "Say why, in a few words: others will read it beside the forecast."
        raise Invalid(Reason(text, "required", "reason"))
    return reason.strip()
