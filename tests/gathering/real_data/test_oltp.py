"""The production database of AdventureWorks: products, costs, prices, stock, work centres and bills."""

from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from django.db.models import Sum

from catalog.models import BillOfMaterials, Cost, Currency, Price, Product, Resource, Site
from gathering.models import Capacity, StockLevel
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "adventureworks_oltp"
PLAIN = {
    "Production.ProductCostHistory.csv": ("costs",),
    "Production.ProductListPriceHistory.csv": ("prices",),
    "Production.Location.csv": ("sites", "resources", "capacity"),
    "Production.ProductInventory.csv": ("stock",),
    "Production.BillOfMaterials.csv": ("materials",),
}


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


class ProductionDatabase(LoadedOnce):
    """The tables of production, imported by the profiles of docs/examples."""

    folder: ClassVar[Path]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("adventureworks/oltp")
        Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        categories = folder / "Production.ProductCategory.csv"
        families = folder / "Production.ProductSubcategory.csv"
        bring_own(PROFILES / "units.csv")
        bring_own(PROFILES / "families.csv")
        bring(families, PROFILES / "families.yaml", extras=(categories,))
        bring(folder / "Production.Product.csv", PROFILES / "products.yaml", extras=(families,))
        for file, profiles in PLAIN.items():
            for profile in profiles:
                bring(folder / file, PROFILES / f"{profile}.yaml")

    def test_products_without_a_subcategory_are_kept_in_a_family_of_their_own(self) -> None:
        file = read(self.folder, "Production.Product.csv")

        assert Product.objects.count() == len(file) == 504
        unassigned = Product.objects.filter(family__code="UNASSIGNED").count()
        assert unassigned == (file["ProductSubcategoryID"] == "").sum() == 209

    def test_the_histories_of_costs_and_prices_are_kept_day_by_day(self) -> None:
        costs, prices = (
            read(self.folder, "Production.ProductCostHistory.csv"),
            read(self.folder, "Production.ProductListPriceHistory.csv"),
        )
        last = costs[costs["ProductID"] == "707"].iloc[-1]

        assert Cost.objects.count() == len(costs)
        assert Price.objects.count() == len(prices)
        newest = Cost.objects.filter(product__code="707").latest("valid")
        assert newest.amount == Decimal(last["StandardCost"])
        assert newest.valid.lower.isoformat() == last["StartDate"][:10]

    def test_the_stock_agrees_with_the_file(self) -> None:
        file = read(self.folder, "Production.ProductInventory.csv")

        assert StockLevel.objects.count() == len(file)
        total = StockLevel.objects.aggregate(total=Sum("quantity"))["total"]
        assert total == sum(int(cell) for cell in file["Quantity"])

    def test_only_locations_with_hours_are_resources(self) -> None:
        file = read(self.folder, "Production.Location.csv")
        hours = file["Availability"].map(Decimal)

        assert Site.objects.count() == len(file) == 14
        assert Resource.objects.count() == (hours > 0).sum()
        assert Capacity.objects.aggregate(total=Sum("regular"))["total"] == hours.sum()

    def test_bills_of_material_leave_out_the_rows_without_an_assembly(self) -> None:
        file = read(self.folder, "Production.BillOfMaterials.csv")

        assert BillOfMaterials.objects.count() == (file["ProductAssemblyID"] != "").sum()
