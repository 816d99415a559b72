"""Asking for a deal forecast: by a person through the service, or each night by the schedule."""

import datetime as dt

from django.db import transaction

from core import jobs
from core.events import record
from core.models import Person
from crm.models import StageKind
from crm.selectors.deals import live_deals_visible_to
from forecasting.engine.deals import DealSettings
from forecasting.engine.deals.settings import DEALS_VERSION
from forecasting.models import DealForecast, RunState
from forecasting.pipeline.deal_work import deals_hash
from forecasting.pipeline.settling import DEALS, settle_runs
from forecasting.selectors.deal_book import engine_deals

STANDING = (RunState.QUEUED, RunState.RUNNING, RunState.DONE)


@transaction.atomic
def find_or_ask(actor: Person | None, as_of: dt.date, horizon: int, wanted: str) -> DealForecast:
    """The deal forecast of this work, or a new one with its job."""
    settle_runs()
    work = deals_hash(engine_deals(), as_of, horizon, wanted)
    DealForecast.objects.bulk_create(
        [
            DealForecast(
                as_of=as_of,
                horizon=horizon,
                wanted=wanted,
                engine_version=DEALS_VERSION,
                input_hash=work,
                requested_by=actor,
            )
        ],
        ignore_conflicts=True,  # somebody asked for the same before, or in this very moment
    )
    same = DealForecast.objects.filter(input_hash=work, state__in=STANDING)
    made = same.select_for_update(of=("self",)).get()
    if made.job_id is None and made.state != RunState.DONE:
        _queue(actor, made)
    return made


def ask_nightly(today: dt.date) -> DealForecast | None:
    """The forecast of the day before, for the schedule; nothing where no deal is open."""
    if not live_deals_visible_to(None).filter(stage__kind=StageKind.OPEN).exists():
        return None
    return find_or_ask(None, today - dt.timedelta(days=1), DealSettings().horizon, "")


def _queue(actor: Person | None, made: DealForecast) -> None:
    after = {"as_of": made.as_of, "horizon": made.horizon, "method": made.wanted or "the back-test’s winner"}
    record(actor=actor, verb="deal forecast asked for", subject=made, after=after)
    made.job = jobs.start_job(
        actor=actor,
        kind=DEALS,
        label=str(made),
        params={"deal_forecast": made.pk},
        subject_url=f"/forecasts/deals/{made.pk}/",
        same_work=f"deal forecast {made.pk}",
    )
    made.save(update_fields=["job"])
