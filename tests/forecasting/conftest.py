"""A company whose history the forecasts are made of."""

import datetime as dt

import pytest

from catalog.models import DemandUnit
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue
from forecasting.services.run_now import run_now
from tests.gathering.world import World, world

__all__ = ["world"]

HISTORY = 36
LAST = dt.date(2025, 12, 1)  # the world's history begins in January 2023


@pytest.fixture
def sold(world: World) -> World:
    """Three units with three years of sales, and one that never sold anything."""
    for place, unit in enumerate(
        [world.ridge_tyrol, world.unit(world.ridge, world.north), world.slope_north], start=1
    ):
        world.history(unit, HISTORY, lambda i, place=place: place * 100 + 10 * (i % 12))
    world.unit(world.product("NEW"), world.tyrol)
    return world


@pytest.fixture
def many(world: World) -> World:
    """A hundred and twenty units more, in three chunks: enough to be interrupted."""
    products = [world.product(f"P{n:03d}") for n in range(120)]
    units = DemandUnit.objects.bulk_create(DemandUnit(product=p, market=world.north) for p in products)
    for place, unit in enumerate(units):
        world.history(unit, HISTORY, lambda i, place=place: 50 + (i * 7 + place * 13) % 31 + 5 * (i % 12))
    return world


def values(run: ForecastRun, unit: DemandUnit) -> list[float]:
    rows = ForecastValue.objects.filter(run=run, demand_unit=unit).order_by("month")
    return [row.mean for row in rows]


def series(run: ForecastRun, unit: DemandUnit) -> ForecastSeries:
    return ForecastSeries.objects.get(run=run, demand_unit=unit)


def forecast(horizon: int = 6) -> ForecastRun:
    return run_now(actor=None, last_month=LAST, horizon=horizon)
