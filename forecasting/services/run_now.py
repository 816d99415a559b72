"""A run at once, without a worker: the only service that loads the engine's numerical libraries."""

import datetime as dt
from collections.abc import Callable

from core.access import require
from core.models import Person
from forecasting.models import ForecastRun, RunState
from forecasting.pipeline.running import Alone, work_through
from forecasting.services.runs import find_or_add_run


def run_now(
    *,
    actor: Person | None,
    last_month: dt.date,
    horizon: int,
    say: Callable[[str], None] = lambda sentence: None,
) -> ForecastRun:
    """Forecast every active demand unit now, for commands. Raises what `start_run` raises."""
    require(actor, "forecast.run")
    run = find_or_add_run(actor, last_month, horizon)
    if run.state != RunState.DONE:
        work_through(run, Alone(say), actor=actor)
        run.refresh_from_db()
    return run
