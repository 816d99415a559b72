"""Open orders use up the forecast they were forecast by."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Currency, Scope
from core.models import Person
from core.services.company import change_setting
from forecasting.models import ForecastSeries
from forecasting.selectors.orders import months_with_orders
from forecasting.selectors.values import values_of_series
from forecasting.services.run_now import run_now
from gathering.models import OpenOrder
from tests.forecasting.conftest import HISTORY, LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def hundred(world: World, analyst: Person) -> ForecastSeries:
    """Ridge in Tyrol sells a hundred every month: that is its forecast."""
    world.history(world.ridge_tyrol, HISTORY, lambda _: 100)
    run = run_now(actor=analyst, last_month=LAST, horizon=3)
    return ForecastSeries.objects.get(run=run, demand_unit=world.ridge_tyrol)


def order(world: World, series: ForecastSeries, due: str, quantity: int, as_of: str = "2026-01-01") -> None:
    OpenOrder.objects.create(
        source="erp",
        order_number=f"{due} {as_of}",
        line="1",
        as_of=dt.date.fromisoformat(as_of),
        due=dt.date.fromisoformat(due),
        demand_unit_id=series.demand_unit_id,
        quantity=quantity,
        currency=Currency.objects.get(code="EUR"),
        run=world.new_run("open_orders"),
    )


def left(user: Person, series: ForecastSeries) -> list[tuple[float, float]]:
    months = months_with_orders(user, series.demand_unit_id, values_of_series(user, series))
    return [(round(one.ordered), round(one.left)) for one in months]


def test_only_the_newest_list_counts_and_what_is_overdue_counts_to_the_first_month(
    world: World, hundred: ForecastSeries, analyst: Person
) -> None:
    order(world, hundred, "2026-01-10", 90, as_of="2025-12-01")
    order(world, hundred, "2025-12-20", 5)
    order(world, hundred, "2026-01-15", 30)
    order(world, hundred, "2026-02-15", 130)

    assert left(analyst, hundred) == [(35, 65), (130, 0), (0, 100)]


def test_orders_reach_as_far_as_the_company_lets_them(
    world: World, hundred: ForecastSeries, analyst: Person, vp: Person
) -> None:
    order(world, hundred, "2026-02-15", 330)

    assert left(analyst, hundred) == [(0, 100), (330, 0), (0, 100)]
    for key in ("orders_early", "orders_late"):
        change_setting(actor=vp, key=key, value="1")
    assert left(analyst, hundred) == [(0, 0), (330, 0), (0, 0)]


def test_page_and_api_show_them_and_teach_where_there_are_none(
    world: World, hundred: ForecastSeries, analyst: Person, signed_in: SignIn, api: Api
) -> None:
    page = f"/forecasts/{hundred.run_id}/series/{hundred.demand_unit_id}/"
    assert "No orders in hand" in signed_in(analyst).get(page).content.decode()

    order(world, hundred, "2026-01-15", 30)

    assert "30 piece of the 300 forecast are on order" in signed_in(analyst).get(page).content.decode()
    answer = api(analyst).get(f"/api/v1/forecast-series/{hundred.pk}/orders/").json()
    assert answer[0] == {"month": "2026-01-01", "forecast": 100.0, "ordered": 30.0, "left": 70.0}


def test_orders_out_of_sight_are_not_counted(world: World, hundred: ForecastSeries, manager: Person) -> None:
    order(world, hundred, "2026-01-15", 30)
    Scope.objects.create(person=manager, market=world.north)

    assert months_with_orders(manager, hundred.demand_unit_id, values_of_series(None, hundred)) == []
