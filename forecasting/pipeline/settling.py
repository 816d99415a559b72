"""Runs and their jobs, seen from outside: what the tasks are called, and runs whose job has ended."""

from django.utils import timezone

from core.models import JobState
from forecasting.models import DealForecast, ForecastRun, RunState

RUN, HELP, STUDY = "forecasting.run", "forecasting.help", "forecasting.study"  # names of Celery tasks
DEALS = "forecasting.deals"


def settle_runs() -> int:
    """Runs whose job was ended from outside (cancelled while it waited, given up) end with it."""
    settled = 0
    for over, state in ((JobState.CANCELLED, RunState.CANCELLED), (JobState.FAILED, RunState.FAILED)):
        for model in (ForecastRun, DealForecast):
            runs = model._default_manager.filter(
                state__in=[RunState.QUEUED, RunState.RUNNING], job__state=over
            )
            settled += runs.update(state=state, finished=timezone.now())
    return settled
