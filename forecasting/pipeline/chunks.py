"""Shares of a run: planned once, taken by whoever is free, stored whole (docs/adr/0009-forecast-chunks.md).

Who computes a chunk holds a session's advisory lock of PostgreSQL: when the process, its machine or the
database dies, the lock is gone with the session, and the chunk is free for the next one at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from forecasting.engine import Settings
from forecasting.engine.conformal import Calibration
from forecasting.engine.course import follow_courses
from forecasting.engine.forecast import calibrate_on, forecast, sample_of
from forecasting.engine.stories import Start
from forecasting.models import ForecastChunk, ForecastRun, ForecastSeries, RunState
from forecasting.pipeline.courses import courses_of
from forecasting.pipeline.history import active_units, first_months, load_panel
from forecasting.pipeline.level_places import plan_levels
from forecasting.pipeline.level_tables import base_of, prices_of
from forecasting.pipeline.levels import forecast_levels
from forecasting.pipeline.pinning import pins_of
from forecasting.pipeline.storing import copy_forecast

MOST_SERIES, FEWEST_SERIES = 500, 50  # of a chunk
CHUNKS_WANTED = 8  # so that several workers share even a small run
LOCK = "hashtextextended('forecast chunk ' || %s, 0)"


def settings_of(run: ForecastRun) -> Settings:
    """The engine's settings, as the run was asked for."""
    kept = dict(run.settings)
    return Settings(**kept | {"levels": tuple(kept["levels"])})


def plan_chunks(run: ForecastRun) -> None:
    """Cut the active demand units into chunks, once: a run that is taken up again keeps its cut."""
    with transaction.atomic():
        fresh = ForecastRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if fresh.chunks.exists():
            return
        units, groups = active_units(), list(range(plan_levels().levels.fitted))
        shares = [*_shares(units), *_shares(groups)]
        own = len(shares) - len(_shares(groups))
        ForecastChunk.objects.bulk_create(
            ForecastChunk(
                run=run,
                number=number,
                of_levels=number > own,
                first_unit=share[0],
                last_unit=share[-1],
                series=len(share),
            )
            for number, share in enumerate(shares, start=1)
        )
        fresh.series = len(units)
        fresh.save(update_fields=["series"])


def _shares(numbers: list[int]) -> list[list[int]]:
    size = min(MOST_SERIES, max(FEWEST_SERIES, len(numbers) // CHUNKS_WANTED))
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def calibrate_run(run: ForecastRun) -> None:
    """Learn from a sample of all units how errors spread, once, before the first chunk: so every chunk
    says the same, whoever computes it."""
    if run.calibration is not None:
        return
    units = active_units()
    sample = sorted(units[place] for place in sample_of([f"{unit:020d}" for unit in units]))
    panel = load_panel(sample, run.last_month)
    found = calibrate_on(panel, settings_of(run), starts_of(run, sample)).as_json()
    # (calibration=None would look for a JSON null.)
    ForecastRun.objects.filter(pk=run.pk, calibration__isnull=True).update(calibration=found)
    run.refresh_from_db(fields=["calibration"])


def starts_of(run: ForecastRun, units: list[int]) -> list[Start | None] | None:
    """Where the searches of the run before began, one per unit; None without such a run."""
    if run.started_from_id is None:
        return None
    rows = ForecastSeries.objects.filter(run=run.started_from_id, demand_unit__in=units)
    known = dict(rows.values_list("demand_unit_id", "start"))
    return [known.get(unit) for unit in units]


def missing_chunks(run: ForecastRun) -> QuerySet[ForecastChunk]:
    """The chunks that nobody has stored yet, in order."""
    return ForecastChunk.objects.filter(run=run, done=None).order_by("number")


@contextmanager
def free_chunk(run: ForecastRun) -> Iterator[ForecastChunk | None]:
    """The next chunk that nobody computes, held until the block ends; None when there is none."""
    chunk = next((chunk for chunk in missing_chunks(run) if _take(chunk)), None)
    try:
        yield chunk
    finally:
        if chunk is not None:
            with suppress(DatabaseError):  # a broken session has given the lock back already
                _query(f"SELECT pg_advisory_unlock({LOCK})", chunk.pk)


def _take(chunk: ForecastChunk) -> bool:
    """Lock it, and look again: its last holder may have stored it a moment ago."""
    if not _query(f"SELECT pg_try_advisory_lock({LOCK})", chunk.pk):
        return False
    if ForecastChunk.objects.filter(pk=chunk.pk, done=None).update(claimed=timezone.now()):
        return True
    _query(f"SELECT pg_advisory_unlock({LOCK})", chunk.pk)
    return False


def _query(sql: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(key)])
        return bool(cursor.fetchone()[0])


def compute_chunk(run: ForecastRun, chunk: ForecastChunk, report: Callable[[int], None]) -> None:
    """Forecast the chunk's series and store all of them; `report` hears how many are computed.

    What `report` raises stops the work between two series, and nothing of the chunk is kept.
    """
    store = _of_levels(run, chunk, report) if chunk.of_levels else _of_units(run, chunk, report)
    with transaction.atomic():
        fresh = ForecastChunk.objects.select_for_update(of=("self",)).get(pk=chunk.pk)
        wanted = ForecastRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
        if fresh.done is None and wanted.state == RunState.RUNNING:
            store()
            fresh.done = timezone.now()
            fresh.save(update_fields=["done"])


def _of_units(run: ForecastRun, chunk: ForecastChunk, report: Callable[[int], None]) -> Callable[[], None]:
    units = active_units(chunk.first_unit, chunk.last_unit)
    panel = load_panel(units, run.last_month)
    known, starts = calibration_of(run), starts_of(run, units)
    plain = forecast(panel, settings_of(run), report, known, starts, pins_of(run.pins, units))
    courses = courses_of(units, run.last_month, run.horizon)
    result = follow_courses(plain, list(panel.series()), courses, panel.season_length)
    base = base_of(result, plain, [course is None or course.leads for course in courses])
    firsts, prices = first_months(panel, run.last_month), prices_of(units, run.last_month)
    return lambda: copy_forecast(run, result, firsts, base, [prices.get(unit) for unit in units])


def _of_levels(run: ForecastRun, chunk: ForecastChunk, report: Callable[[int], None]) -> Callable[[], None]:
    groups = (chunk.first_unit, chunk.last_unit)
    return forecast_levels(run, settings_of(run), calibration_of(run), groups, lambda done: report(0))


def calibration_of(run: ForecastRun) -> Calibration:
    """What the run learnt about its errors before its first chunk; raises LookupError before it did."""
    if run.calibration is None:
        raise LookupError(f"{run} has not learnt yet how far forecasts miss.")
    return Calibration.of_json(run.calibration)
