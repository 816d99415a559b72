"""Celery tasks of compensation: each calls the pipeline or claims its job, and may arrive twice."""

from celery import shared_task

from compensation.pipeline.contract_months import keep_contract_months
from compensation.pipeline.crediting import KIND, credit_job, queue_credits_nightly
from compensation.pipeline.dispute_warnings import warn_of_late
from compensation.pipeline.running import run_job
from compensation.pipeline.studies import study_job
from compensation.selectors.run_jobs import CALCULATE
from core import jobs


@shared_task(name="compensation.study")
def work_out_study(job_id: int) -> None:
    jobs.run(job_id, study_job)


@shared_task(name=CALCULATE)
def calculate_month(job_id: int) -> None:
    jobs.run(job_id, run_job)


@shared_task(name=KIND)
def make_credits(job_id: int) -> None:
    jobs.run(job_id, credit_job)


@shared_task(name="compensation.credits_nightly")
def make_credits_nightly() -> int:
    return queue_credits_nightly()


@shared_task(name="compensation.late_disputes")
def warn_of_late_disputes() -> int:
    return warn_of_late()


@shared_task(name="compensation.contract_months")
def keep_contract_costs() -> int:
    return keep_contract_months()
