"""Reading questions about one series and their answers, within the person's scope."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from catalog.selectors import reach_of
from core.jobs import input_hash
from core.models import Person
from core.selectors.jobs import job_progress
from forecasting.engine import VERSION
from forecasting.models import ForecastSeries, ForecastStudy, StudyKind


def studies_visible_to(user: Person | None) -> QuerySet[ForecastStudy]:
    """Every question about the demand units the person may see, the newest first."""
    reach = reach_of(user)
    seen = reach.of_family("demand_unit__product__family") & reach.of_market("demand_unit__market")
    return ForecastStudy.objects.filter(seen).select_related("run", "job", "demand_unit__product__unit")


def question_of(since: dt.date | None, masked: Sequence[dt.date], method: str) -> dict[str, Any]:
    """A question as it is kept: only what differs from the run."""
    asked = {
        "since": since.isoformat() if since else "",
        "masked": sorted({month.isoformat() for month in masked}),
        "method": method,
    }
    return {name: value for name, value in asked.items() if value}


def fingerprint(kind: str, question: dict[str, Any]) -> str:
    """What tells two questions apart: the same one to another engine is another one."""
    return input_hash({"kind": str(kind), "question": question, "engine": VERSION})


def study_of(
    user: Person | None, series: ForecastSeries, kind: StudyKind, question: dict[str, Any]
) -> ForecastStudy | None:
    """The question if it was asked of this series before."""
    rows = studies_visible_to(user).filter(run=series.run_id, demand_unit=series.demand_unit_id)
    return rows.filter(fingerprint=fingerprint(kind, question)).first()


def progress_of_study(study: ForecastStudy, user: Person) -> dict[str, Any] | None:
    """How far the worker is, as parts/job_progress.html wants it; None once there is an answer or where
    nobody is at work on it."""
    if study.answer is not None or study.job is None:
        return None
    place = reverse("forecasting:study", args=[study.run_id, study.demand_unit_id, study.pk])
    return job_progress(study.job, user) | {"poll_url": place, "result_url": "", "retry_url": ""}
