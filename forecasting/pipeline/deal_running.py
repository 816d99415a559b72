"""A deal forecast from the CRM's deals to its rows: read, compute, store at once."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.errors import Refused
from core.events import record
from core.jobs import Cancelled, Progress
from core.services.notifications import notify
from forecasting.engine.deals import DealSettings, Method
from forecasting.engine.deals.forecast import DealsForecast, Told, forecast_deals
from forecasting.models import DealChance, DealForecast, RunState
from forecasting.pipeline.deal_answers import backtest_json, revenue_json
from forecasting.pipeline.deal_work import deals_hash
from forecasting.selectors.deal_book import engine_deals

CHANGED = "The deals have changed since this forecast was asked for. Ask for a new one."
NO_DEALS = "No deal was open on {day}. Choose another day, or connect your CRM first."
STEP = Decimal("0.0001")


def run_deal_job(progress: Progress) -> dict[str, Any]:
    """The work of the job: the deal forecast named in its params. One that is done is left as it is."""
    made = DealForecast.objects.get(pk=progress.job.params["deal_forecast"])
    if made.state != RunState.DONE:
        DealForecast.objects.filter(pk=made.pk).update(job=progress.job, state=RunState.RUNNING)
        try:
            _compute(made, progress)
        except Cancelled:
            _end(made, RunState.CANCELLED)
            raise
        except Refused:
            _end(made, RunState.FAILED)
            raise
    return {"deal_forecast": made.pk}


def _compute(made: DealForecast, progress: Progress) -> None:
    progress.report(step="Reading the deals", done=0, total=3)
    deals = engine_deals()
    if deals_hash(deals, made.as_of, made.horizon, made.wanted) != made.input_hash:
        raise Refused(CHANGED)
    progress.report(step="Testing the methods on the past", done=1, total=3)
    settings = DealSettings(horizon=made.horizon)
    told = forecast_deals(deals, made.as_of, settings, Method(made.wanted) if made.wanted else None)
    if not told.deals:
        raise Refused(NO_DEALS.format(day=f"{made.as_of.day} {made.as_of:%b %Y}"))
    progress.report(step="Storing", done=2, total=3)
    _store(made, told, settings, progress)


def _store(made: DealForecast, told: DealsForecast, settings: DealSettings, progress: Progress) -> None:
    with progress.store():
        fresh = DealForecast.objects.select_for_update(of=("self",)).get(pk=made.pk)
        if fresh.state != RunState.DONE:
            DealChance.objects.bulk_create((_chance(fresh, one) for one in told.deals), batch_size=1000)
            fresh.method, fresh.deals, fresh.usual_cycle = (
                told.method.value,
                len(told.deals),
                told.usual_cycle,
            )
            fresh.revenue = revenue_json(told.months, told.revenue)
            fresh.backtest = backtest_json(told.backtest, settings)
            fresh.state, fresh.finished = RunState.DONE, timezone.now()
            fresh.save()
            after = {"deals": fresh.deals, "method": fresh.get_method_display(), "as_of": fresh.as_of}
            record(actor=progress.job.requested_by, verb="deal forecast done", subject=fresh, after=after)
            if fresh.requested_by:
                title = f"{fresh}: {fresh.deals:,} open deals are judged."
                notify(people=[fresh.requested_by], title=title, url=f"/forecasts/deals/{fresh.pk}/")
        progress.result = {"deal_forecast": fresh.pk, "deals": fresh.deals}


def _chance(made: DealForecast, told: Told) -> DealChance:
    worth = Decimal(repr(told.worth)).quantize(STEP)
    return DealChance(
        forecast=made,
        deal_id=int(told.deal),
        probability=told.chance,
        by_method={name.value: round(chance, 6) for name, chance in told.by_method.items()},
        expected_month=told.expected,
        months=list(told.months),
        worth=worth,
        basis=told.basis.value,
        expected=(worth * Decimal(repr(told.chance))).quantize(STEP),
        age=told.age,
        stage=told.stage[:120],
        why=told.why[:400],
    )


def _end(made: DealForecast, state: RunState) -> None:
    open_states = [RunState.QUEUED, RunState.RUNNING]
    rows = DealForecast.objects.filter(pk=made.pk, state__in=open_states)
    rows.update(state=state, finished=timezone.now())
