"""What hangs on the demo's released plan: quotas, the pay that is measured by them, deals to come."""

import datetime as dt
from collections.abc import Callable

from demo.loading.pay import load_pay
from demo.loading.people import add_people
from demo.loading.quotas import load_quotas
from forecasting.services.deal_forecasts import start_deal_forecast


def load_what_follows(today: dt.date, *, say: Callable[[str], None]) -> None:
    """All of it, once the cycles are there. What is there stays as it is."""
    say("Setting quotas on the released plan.")
    load_quotas(today)
    load_pay(add_people(), today=today, say=say)
    start_deal_forecast(actor=None, as_of=today)
