"""The forecast of a cycle at once, without a worker: for headless cycles."""

from collections.abc import Callable

from django.db import transaction

from core.models import Person
from forecasting.models import ForecastRun
from forecasting.services.run_now import run_now
from planning.models import Cycle
from planning.services.data import frozen, pin_forecast, wanted_run


def forecast_now(
    *, actor: Person | None, cycle: Cycle, say: Callable[[str], None] = lambda sentence: None
) -> ForecastRun:
    """Forecast the frozen data now and pin the run. Raises what `start_forecast` raises."""
    with transaction.atomic():
        wanted = wanted_run(frozen(cycle))
    run = run_now(actor=actor, say=say, **wanted)
    pin_forecast(actor=actor, cycle=cycle, run=run)
    return run
