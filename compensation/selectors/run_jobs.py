"""Calculations that wait or run."""

import datetime as dt

from core.jobs import OPEN
from core.models import Job

CALCULATE = "compensation.calculate_month"


def open_job_of(month: dt.date) -> Job | None:
    """The calculation of a month that waits or runs."""
    rows = Job.objects.filter(kind=CALCULATE, params__month=month.isoformat(), state__in=OPEN)
    return rows.select_related("requested_by").order_by("-pk").first()


def last_job_of(month: dt.date) -> Job | None:
    """The newest calculation of a month, whatever became of it."""
    rows = Job.objects.filter(kind=CALCULATE, params__month=month.isoformat())
    return rows.select_related("requested_by").order_by("-pk").first()
