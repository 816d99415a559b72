"""sop_mini: demand, capacity and opening stock of one product come in untouched."""

from pathlib import Path
from typing import ClassVar

import pandas as pd

from gathering.models import Capacity, ExternalForecast, StockLevel
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

PROFILES = EXAMPLES / "sop_mini"


class SopMini(LoadedOnce):
    """The three files, imported by the profiles of docs/examples."""

    folder: ClassVar[Path]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("supply/sop_mini")
        for name in ("units", "families", "products", "markets", "sites", "resources"):
            bring_own(PROFILES / f"{name}.csv")
        bring(folder / "demand_forecast.csv", PROFILES / "demand.yaml")
        bring(folder / "production_capacity.csv", PROFILES / "capacity.yaml")
        bring(folder / "starting_inventory.txt", PROFILES / "stock.yaml")

    def test_months_that_are_only_numbers_become_months_of_the_year(self) -> None:
        file = pd.read_csv(self.folder / "demand_forecast.csv")

        rows = ExternalForecast.objects.values_list("month", "quantity")

        assert {(month.year, month.month): int(quantity) for month, quantity in rows} == {
            (2026, row.Month): row.Demand_Forecast for row in file.itertuples()
        }

    def test_demand_exceeds_capacity_in_ten_of_twelve_months(self) -> None:
        demand = dict(ExternalForecast.objects.values_list("month", "quantity"))
        capacity = dict(Capacity.objects.values_list("month", "regular"))

        assert sum(demand[month] > capacity[month] for month in demand) == 10
        assert len(demand) == len(capacity) == 12

    def test_a_file_that_is_one_number_is_the_opening_stock(self) -> None:
        assert [int(level.quantity) for level in StockLevel.objects.all()] == [2724]
