"""Celery tasks of forecasts: one runs the job, the others help it with its chunks."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerGone

from core import jobs
from forecasting.models import ForecastRun
from forecasting.pipeline.deal_asking import ask_nightly
from forecasting.pipeline.deal_running import run_deal_job
from forecasting.pipeline.running import Stopped, help_run, run_job
from forecasting.pipeline.settling import DEALS, HELP, RUN, STUDY, settle_runs
from forecasting.pipeline.studies import answer_job
from sopcycle.celery import app

logger = logging.getLogger(__name__)


@shared_task(name=RUN)
def run_forecast(job_id: int) -> None:
    jobs.run(job_id, lambda progress: run_job(progress, ask_for_help))


@shared_task(name=HELP)
def help_forecast(run_id: int) -> None:
    try:
        help_run(run_id)
    except Stopped:
        logger.info("Forecast run %s wants no help any more.", run_id)


@shared_task(name=STUDY)
def study_series(job_id: int) -> None:
    jobs.run(job_id, answer_job)


@shared_task(name=DEALS)
def forecast_deals(job_id: int) -> None:
    jobs.run(job_id, run_deal_job)


@shared_task(name="forecasting.deals_nightly")
def forecast_deals_nightly() -> int | None:
    made = ask_nightly(timezone.localdate())
    return made.pk if made else None


@shared_task(name="forecasting.settle_runs")
def settle() -> int:
    return settle_runs()


def ask_for_help(run: ForecastRun, chunks: int) -> None:
    """One message per chunk, for whichever worker is free. Without a broker the job does them alone."""
    try:
        for _ in range(chunks):
            app.send_task(HELP, args=[run.pk], retry=False)
    except (BrokerGone, OSError) as error:
        logger.warning("Forecast run %s goes on without help: %s", run.pk, error)
