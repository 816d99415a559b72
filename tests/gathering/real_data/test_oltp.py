"""The production database of AdventureWorks: products, costs, prices, stock, work centres and bills."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from django.db.models import Sum

from catalog.models import BillOfMaterials, Cost, Currency, Price, Product, Resource, Site
from gathering.models import Capacity, StockLevel
from tests.gathering.real_data.shared import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "adventureworks_oltp"
PLAIN = {
    "Production.ProductCostHistory.csv": ("costs",),
    "Production.ProductListPriceHistory.csv": ("prices",),
    "Production.Location.csv": ("sites", "resources", "capacity"),
    "Production.ProductInventory.csv": ("stock",),
    "Production.BillOfMaterials.csv": ("materials",),
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared_folder("adventureworks/oltp")


@pytest.fixture(scope="module", autouse=True)
def loaded(folder: Path, one_world: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    with one_world():
        Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        categories, families = (
            folder / "Production.ProductCategory.csv",
            folder / "Production.ProductSubcategory.csv",
        )
        bring_own(PROFILES / "units.csv")
        bring_own(PROFILES / "families.csv")
        bring(families, PROFILES / "families.yaml", extras=(categories,))
        bring(folder / "Production.Product.csv", PROFILES / "products.yaml", extras=(families,))
        for file, profiles in PLAIN.items():
            for profile in profiles:
                bring(folder / file, PROFILES / f"{profile}.yaml")
        yield


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def test_products_without_a_subcategory_are_kept_in_a_family_of_their_own(folder: Path) -> None:
    file = read(folder, "Production.Product.csv")

    assert Product.objects.count() == len(file) == 504
    unassigned = Product.objects.filter(family__code="UNASSIGNED").count()
    assert unassigned == (file["ProductSubcategoryID"] == "").sum() == 209


def test_the_histories_of_costs_and_prices_are_kept_day_by_day(folder: Path) -> None:
    costs, prices = (
        read(folder, "Production.ProductCostHistory.csv"),
        read(folder, "Production.ProductListPriceHistory.csv"),
    )
    last = costs[costs["ProductID"] == "707"].iloc[-1]

    assert Cost.objects.count() == len(costs)
    assert Price.objects.count() == len(prices)
    newest = Cost.objects.filter(product__code="707").latest("valid")
    assert newest.amount == Decimal(last["StandardCost"])
    assert newest.valid.lower.isoformat() == last["StartDate"][:10]


def test_the_stock_agrees_with_the_file(folder: Path) -> None:
    file = read(folder, "Production.ProductInventory.csv")

    assert StockLevel.objects.count() == len(file)
    assert StockLevel.objects.aggregate(total=Sum("quantity"))["total"] == file["Quantity"].astype(int).sum()


def test_only_locations_with_hours_are_resources(folder: Path) -> None:
    file = read(folder, "Production.Location.csv")
    hours = file["Availability"].map(Decimal)

    assert Site.objects.count() == len(file) == 14
    assert Resource.objects.count() == (hours > 0).sum()
    assert Capacity.objects.aggregate(total=Sum("regular"))["total"] == hours.sum()


def test_bills_of_material_leave_out_the_rows_without_an_assembly(folder: Path) -> None:
    file = read(folder, "Production.BillOfMaterials.csv")

    assert BillOfMaterials.objects.count() == (file["ProductAssemblyID"] != "").sum()
