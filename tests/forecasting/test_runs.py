"""A forecast run: asked for once, computed by whoever is free, stored whole, never changed."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import InternalError, connections, transaction
from django.db.utils import DatabaseError
from pandas.testing import assert_frame_equal

from catalog.models import DemandUnit
from core.errors import Denied, Invalid, Refused
from core.jobs import ask_to_cancel
from core.models import Event, Job, JobState, Person
from forecasting.models import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState
from forecasting.pipeline import chunks
from forecasting.pipeline.history import load_panel
from forecasting.pipeline.running import Alone, work_through
from forecasting.pipeline.settling import settle_runs
from forecasting.selectors.runs import newest_done
from forecasting.selectors.values import forecast_frame
from forecasting.services.run_now import run_now
from forecasting.services.runs import cancel_run, retry_run, start_run
from tests.forecasting.conftest import LAST
from tests.gathering.world import World, month


def test_a_run_forecasts_every_active_unit_for_every_month(sold: World, analyst: Person) -> None:
    DemandUnit.objects.filter(pk=sold.slope_north.pk).update(is_active=False)

    run = run_now(actor=analyst, last_month=LAST, horizon=6)

    assert (run.state, run.series, run.requested_by) == (RunState.DONE, 3, analyst)
    frame = forecast_frame(run)
    assert len(frame) == 3 * 6
    assert set(frame["month"]) == {dt.date(2026, m, 1) for m in range(1, 7)}
    assert sold.slope_north.pk not in set(frame["demand_unit"])
    ridge = frame[frame["demand_unit"] == sold.ridge_tyrol.pk]
    assert ridge["mean"].to_numpy() == pytest.approx([100 + 10 * m for m in range(6)], rel=0.05)
    assert Event.objects.filter(verb="forecast done", actor=analyst).count() == 1


def test_a_unit_that_never_sold_is_forecast_as_nothing_and_says_why(sold: World) -> None:
    run = run_now(actor=None, last_month=LAST, horizon=3)

    new = DemandUnit.objects.get(product__code="NEW")
    series = ForecastSeries.objects.get(run=run, demand_unit=new)
    assert (series.method, series.reason) == ("zero", "There is no history.")
    assert set(ForecastValue.objects.filter(run=run, demand_unit=new).values_list("mean", flat=True)) == {0.0}


def test_months_mean_what_they_say(world: World) -> None:
    """Nothing before the first sale, zero where others sold, a gap where nobody did."""
    early, late = world.ridge_tyrol, world.slope_north
    for number in (0, 1, 3, 4):
        world.sell(early, month(number), 10 + number)
    world.sell(late, month(1), 7)
    world.sell(late, month(5), 99)  # after the last month: not known yet

    panel = load_panel([early.pk, late.pk], month(4))

    nan = np.nan
    np.testing.assert_array_equal(panel.values[:, 0], [10, 11, nan, 13, 14])
    np.testing.assert_array_equal(panel.values[:, 1], [nan, 7, nan, 0, 0])


def test_the_same_work_finds_the_run_that_is_there(sold: World, analyst: Person, manager: Person) -> None:
    first = run_now(actor=analyst, last_month=LAST, horizon=3)

    assert start_run(actor=manager, last_month=LAST, horizon=3).pk == first.pk
    assert start_run(actor=manager, last_month=LAST, horizon=4).pk != first.pk
    sold.sell(sold.unit(sold.slope, sold.tyrol), LAST)
    assert start_run(actor=manager, last_month=LAST, horizon=3).pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_a_double_click_starts_one_run_and_one_job(sold: World, analyst: Person, broker: str) -> None:
    def click(_: int) -> int:
        try:
            return start_run(actor=analyst, last_month=LAST, horizon=3).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        runs = set(pool.map(click, range(8)))

    assert len(runs) == ForecastRun.objects.count() == Job.objects.count() == 1
    assert Event.objects.filter(verb="forecast asked for").count() == 1


def test_a_run_is_cut_into_chunks_whose_size_changes_nothing(
    sold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = forecast_frame(run_now(actor=None, last_month=LAST, horizon=3))
    monkeypatch.setattr(chunks, "FEWEST_SERIES", 1)
    sold.sell(sold.ridge_tyrol, LAST.replace(year=2026), 1)  # outside the history: the same numbers
    DemandUnit.objects.filter(product__code="NEW").update(is_active=False)
    cut = run_now(actor=None, last_month=LAST, horizon=3)

    assert ForecastChunk.objects.filter(run=cut, of_levels=False).count() == 3
    frame = forecast_frame(cut)
    whole = whole[whole["demand_unit"].isin(frame["demand_unit"])].reset_index(drop=True)
    assert_frame_equal(frame, whole, rtol=1e-9)


def test_a_chunk_that_is_finished_twice_is_stored_once(sold: World) -> None:
    run = run_now(actor=None, last_month=LAST, horizon=3)
    chunk = ForecastChunk.objects.get(run=run, of_levels=False)

    chunks.compute_chunk(run, chunk, lambda computed: None)

    assert ForecastSeries.objects.filter(run=run).count() == 4


def test_sales_that_change_on_the_way_end_the_run(sold: World, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)
    sold.sell(sold.unit(sold.slope, sold.tyrol), LAST)

    with pytest.raises(Refused, match="have changed since"):
        work_through(run, Alone(str))

    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert newest_done(LAST) is None


def test_a_run_that_stopped_goes_on_with_its_missing_chunks(
    sold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "FEWEST_SERIES", 1)
    stored = chunks.copy_forecast

    def break_at_the_third(run: ForecastRun, *given: object) -> None:
        if ForecastSeries.objects.filter(run=run).count() == 2:
            raise ValueError("out of paper")
        stored(run, *given)

    monkeypatch.setattr(chunks, "copy_forecast", break_at_the_third)
    with pytest.raises(ValueError, match="out of paper"):
        run_now(actor=None, last_month=LAST, horizon=3)
    stopped = ForecastRun.objects.get()
    assert (stopped.state, stopped.chunks.exclude(done=None).count()) == (RunState.FAILED, 2)
    kept = set(ForecastSeries.objects.values_list("pk", flat=True))

    monkeypatch.setattr(chunks, "copy_forecast", stored)
    again = run_now(actor=None, last_month=LAST, horizon=3)

    assert (again.pk, again.state) == (stopped.pk, RunState.DONE)
    assert ForecastSeries.objects.count() == 4
    assert kept < set(ForecastSeries.objects.values_list("pk", flat=True))


def test_a_waiting_run_is_cancelled_at_once_and_can_be_taken_up_again(sold: World, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)

    cancelled = cancel_run(actor=analyst, run=run)

    assert (cancelled.state, cancelled.job.state) == (RunState.CANCELLED, JobState.CANCELLED)
    with pytest.raises(Refused, match="nothing to cancel"):
        cancel_run(actor=analyst, run=run)
    again = retry_run(actor=analyst, run=run)
    assert (again.state, again.job.state) == (RunState.QUEUED, JobState.QUEUED)
    assert again.job.pk != cancelled.job.pk
    with pytest.raises(Refused, match="nothing to retry"):
        retry_run(actor=analyst, run=run)


def test_a_run_whose_job_is_cancelled_elsewhere_ends_with_it(sold: World, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)
    ask_to_cancel(actor=analyst, job=run.job)

    assert settle_runs() == 1

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


@pytest.mark.parametrize("horizon", [0, -1, 61])
def test_an_impossible_horizon_is_refused(sold: World, analyst: Person, horizon: int) -> None:
    with pytest.raises(Invalid, match=f"The horizon is {horizon} months; use 1 to 60."):
        start_run(actor=analyst, last_month=LAST, horizon=horizon)


def test_without_demand_units_there_is_nothing_to_forecast(db: None, analyst: Person) -> None:
    with pytest.raises(Refused, match="no active demand units"):
        start_run(actor=analyst, last_month=LAST, horizon=6)


def test_only_who_may_run_forecasts_starts_and_stops_them(
    sold: World, analyst: Person, executive: Person
) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)

    for attempt in (
        lambda: start_run(actor=executive, last_month=LAST, horizon=3),
        lambda: run_now(actor=executive, last_month=LAST, horizon=3),
        lambda: cancel_run(actor=executive, run=run),
        lambda: retry_run(actor=executive, run=run),
    ):
        with pytest.raises(Denied, match="may not run forecasts"):
            attempt()


def test_direct_sql_changes_nothing_of_a_run_that_is_done(sold: World) -> None:
    run = run_now(actor=None, last_month=LAST, horizon=3)

    for change in (
        lambda: ForecastRun.objects.filter(pk=run.pk).update(horizon=9),
        lambda: ForecastRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING),
        lambda: ForecastRun.objects.filter(pk=run.pk)._raw_delete("default"),
        lambda: ForecastSeries.objects.filter(run=run).update(method="better"),
        lambda: ForecastValue.objects.filter(run=run).update(mean=1),
        lambda: ForecastValue.objects.filter(run=run)._raw_delete("default"),
    ):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            change()


def test_a_run_moves_only_by_the_table(sold: World, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)

    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        ForecastRun.objects.filter(pk=run.pk).update(state=RunState.DONE)
