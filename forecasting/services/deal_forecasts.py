"""Deal forecasts: ask for one."""

import datetime as dt

from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.models import Person
from core.years import SPAN, YEARS
from crm.selectors.deals import live_deals_visible_to
from forecasting.models import DealForecast, DealMethod
from forecasting.pipeline.deal_asking import find_or_ask

MOST_MONTHS = 36


@transaction.atomic
def start_deal_forecast(
    *, actor: Person | None, as_of: dt.date, horizon: int = 3, method: str = ""
) -> DealForecast:
    """Queue a forecast of the deals that were open on a day; the same work gives the one that is there.

    Raises Invalid for an impossible day, horizon or method, Refused without any deal.
    """
    require(actor, "forecast.run")
    if not 1 <= horizon <= MOST_MONTHS:
        text = f"The horizon is {horizon} months; use 1 to {MOST_MONTHS}."
        raise Invalid(Reason(text, "invalid", "horizon"))
    if as_of.year not in YEARS:
        raise Invalid(Reason(f"Use a day {SPAN}.", "invalid", "as_of"))
    if method and method not in DealMethod.values:
        raise Invalid(Reason(f"There is no method “{method}”.", "invalid", "method"))
    if not live_deals_visible_to(None).exists():
        text = "There are no deals. Connect your CRM or import deals first."
        raise Refused(Reason(text, "no_deals", url="/crm/deals/"))
    return find_or_ask(actor, as_of, horizon, method)
