"""sop_mini: demand, capacity and opening stock of one product come in untouched."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest

from gathering.models import Capacity, ExternalForecast, StockLevel
from tests.gathering.real_data.shared import EXAMPLES, bring, bring_own, shared_folder

PROFILES = EXAMPLES / "sop_mini"


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared_folder("supply/sop_mini")


@pytest.fixture(scope="module", autouse=True)
def loaded(folder: Path, one_world: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    with one_world():
        for name in ("units", "families", "products", "markets", "sites", "resources"):
            bring_own(PROFILES / f"{name}.csv")
        bring(folder / "demand_forecast.csv", PROFILES / "demand.yaml")
        bring(folder / "production_capacity.csv", PROFILES / "capacity.yaml")
        bring(folder / "starting_inventory.txt", PROFILES / "stock.yaml")
        yield


def test_months_that_are_only_numbers_become_months_of_the_year(folder: Path) -> None:
    file = pd.read_csv(folder / "demand_forecast.csv")

    rows = ExternalForecast.objects.values_list("month", "quantity")

    assert {(month.year, month.month): int(quantity) for month, quantity in rows} == {
        (2026, row.Month): row.Demand_Forecast for row in file.itertuples()
    }


def test_demand_exceeds_capacity_in_ten_of_twelve_months() -> None:
    demand = dict(ExternalForecast.objects.values_list("month", "quantity"))
    capacity = dict(Capacity.objects.values_list("month", "regular"))

    assert sum(demand[month] > capacity[month] for month in demand) == 10
    assert len(demand) == len(capacity) == 12


def test_a_file_that_is_one_number_is_the_opening_stock() -> None:
    assert [int(level.quantity) for level in StockLevel.objects.all()] == [2724]
