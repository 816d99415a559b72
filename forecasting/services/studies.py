"""Ask a worker about one series: compare methods, or what if its history or method were other."""

import datetime as dt
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.months import add_months, months_apart
from catalog.selectors import demand_units_visible_to
from core import jobs
from core.access import require
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from forecasting.engine import VERSION
from forecasting.engine.pin import Method
from forecasting.models import ForecastSeries, ForecastStudy, RunState, StudyKind
from forecasting.pipeline.settling import STUDY
from forecasting.selectors.studies import fingerprint, question_of
from gathering.selectors.facts import sales_of_unit

FEWEST_MONTHS = 8
MOST_MASKED = 24
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def ask_alternatives(*, actor: Person | None, series: ForecastSeries, again: bool = False) -> ForecastStudy:
    """Every method on this series, judged at the same cuts; an answer that is there is not computed again
    unless `again`. Raises Refused for a run that is not done or of an older engine."""
    _refuse(actor, series)
    return _ask(actor, series, StudyKind.ALTERNATIVES, {}, again=again)


@transaction.atomic
def ask_what_if(
    *,
    actor: Person | None,
    series: ForecastSeries,
    since: dt.date | None = None,
    masked: Sequence[dt.date] = (),
    method: str = "",
) -> ForecastStudy:
    """The series without its months before `since`, without the `masked` ones, by `method`; nothing of the
    run changes. Raises Invalid for what cannot be, Refused as `ask_alternatives`."""
    _refuse(actor, series)
    _refuse_question(actor, series, since, masked, method)
    return _ask(actor, series, StudyKind.WHAT_IF, question_of(since, masked, method), again=False)


def _refuse(actor: Person | None, series: ForecastSeries) -> None:
    require(actor, "forecast.view")
    if actor is not None and not demand_units_visible_to(actor).filter(pk=series.demand_unit_id).exists():
        raise Denied(f"“{series.demand_unit}” is outside your families and markets.")
    run = series.run
    if run.state != RunState.DONE:
        raise Refused(f"“{run}” is {run.get_state_display().lower()}; ask once it is done.")
    if run.engine_version != VERSION:
        raise Refused(f"“{run}” was made by an older engine. Run a new forecast, and ask there.")


def _refuse_question(
    actor: Person | None,
    series: ForecastSeries,
    since: dt.date | None,
    masked: Sequence[dt.date],
    method: str,
) -> None:
    last = series.run.last_month
    reasons = []
    if method and method not in set(Method):
        reasons.append(Reason(f"“{method}” is no method. Choose one of the list.", "invalid", "method"))
    if since and months_apart(since, last) + 1 < FEWEST_MONTHS:
        latest = add_months(last, 1 - FEWEST_MONTHS)
        text = f"Leave at least {FEWEST_MONTHS} months: begin in {latest:%b %Y} or before."
        reasons.append(Reason(text, "invalid", "since"))
    if len(masked) > MOST_MASKED:
        reasons.append(Reason(f"Leave out {MOST_MASKED} months at most.", "invalid", "masked"))
    first = (
        sales_of_unit(actor, series.demand_unit_id).order_by("month").values_list("month", flat=True).first()
    )
    begins = max(filter(None, (first, since)), default=None)
    for month in masked:
        if month > last or begins is None or month < begins:
            text = f"{month:%b %Y} is not in the history that is left; it ends in {last:%b %Y}."
            reasons.append(Reason(text, "invalid", "masked"))
    if reasons:
        raise Invalid(*reasons)


def _ask(
    actor: Person | None, series: ForecastSeries, kind: StudyKind, question: dict[str, Any], *, again: bool
) -> ForecastStudy:
    ForecastStudy.objects.filter(asked__lt=timezone.now() - KEPT_FOR).delete()
    study, _ = ForecastStudy.objects.select_for_update(of=("self",)).get_or_create(
        run=series.run,
        demand_unit=series.demand_unit,
        fingerprint=fingerprint(kind, question),
        defaults={"kind": kind, "question": question, "asked_by": actor},
    )
    if study.answer is not None and not again:
        return study
    study.job = jobs.start_job(
        actor=actor,
        kind=STUDY,
        label=f"{kind.label}: one demand unit of forecast {series.run_id}",
        params={"study": study.pk},
        subject_url=f"/forecasts/{series.run_id}/series/{series.demand_unit_id}/",
        same_work=f"study {study.pk}",
    )
    study.answer, study.answered, study.asked = None, None, timezone.now()
    study.save(update_fields=["job", "answer", "answered", "asked"])
    return study
