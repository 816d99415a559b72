"""The reseller sales of AdventureWorks come in untouched, and every sum agrees with pandas."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.db.models import F, Sum

from catalog.models import Currency, Product
from core.services.company import change_setting
from crm.models import Account, Rep
from gathering.models import ImportState, Sales, SalesLine, Target
from gathering.pipeline.quality import check_facts
from gathering.services.imports import import_now
from tests.gathering.real_data.shared import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "adventureworks"
REVENUE, COST, LINES = Decimal("77548570.20"), Decimal("76549075.63"), 57_851

World = Callable[[], AbstractContextManager[None]]


def read(folder: Path, name: str) -> pd.DataFrame:
    """The file as pandas sees it, all text: nothing of the product is used for the comparison."""
    return pd.read_csv(folder / name, sep="|", dtype=str, keep_default_na=False)


def decimals(column: pd.Series) -> pd.Series:
    return column.map(Decimal)


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared_folder("adventureworks/reseller_sales")


@pytest.fixture(scope="module", autouse=True)
def loaded(folder: Path, one_world: World) -> Iterator[None]:
    with one_world():
        Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        change_setting(actor=None, key="base_currency", value="USD")
        bring_own(PROFILES / "units.csv")
        for name in ("categories", "families", "products", "costs"):
            bring(folder / "Product.psv", PROFILES / f"{name}.yaml")
        for name in ("continents", "countries", "territories"):
            bring(folder / "Region.psv", PROFILES / f"{name}.yaml")
        bring(folder / "Salesperson.psv", PROFILES / "reps.yaml")
        bring(folder / "Reseller.psv", PROFILES / "accounts.yaml")
        bring(folder / "Sales.psv", PROFILES / "sales.yaml")
        extras = (folder / "Salesperson.psv",)
        bring(folder / "Targets.psv", PROFILES / "targets.yaml", extras=extras)
        yield


def test_every_product_account_and_rep_is_there(folder: Path) -> None:
    assert Product.objects.count() == len(read(folder, "Product.psv")) == 397
    assert Account.objects.count() == len(read(folder, "Reseller.psv")) == 701
    assert Rep.objects.count() == len(read(folder, "Salesperson.psv")) == 18


def test_the_lines_agree_with_the_file_to_the_cent(folder: Path) -> None:
    file = read(folder, "Sales.psv")
    sums = SalesLine.objects.aggregate(revenue=Sum("revenue"), cost=Sum("cost"))

    assert SalesLine.objects.count() == len(file) == LINES
    assert sums["revenue"] == decimals(file["Sales"]).sum() == REVENUE
    assert sums["cost"] == decimals(file["Cost"]).sum() == COST


def test_the_months_agree_with_the_file_to_the_cent(folder: Path) -> None:
    file = read(folder, "Sales.psv")
    file["month"] = file["OrderDate"].str.slice(0, 7).str.replace("/", "-")
    for name in ("Sales", "Cost", "Quantity"):
        file[name] = decimals(file[name])
    wanted = file.groupby(["ProductKey", "SalesTerritoryKey", "month"])[["Quantity", "Sales", "Cost"]].sum()

    rows = Sales.objects.values_list(
        "demand_unit__product__code", "demand_unit__market__code", "month", "quantity", "revenue", "cost"
    )
    ours = {(p, m, f"{month:%Y-%m}"): tuple(amounts) for p, m, month, *amounts in rows}

    assert ours == {key: tuple(row) for key, row in zip(wanted.index, wanted.to_numpy(), strict=True)}
    assert sum(amounts[1] for amounts in ours.values()) == REVENUE
    assert sum(amounts[2] for amounts in ours.values()) == COST


def test_names_that_appear_twice_are_findings(folder: Path) -> None:
    names = read(folder, "Product.psv")["Product"]

    found = check_facts(only=("duplicate_names",))["duplicate_names"][1]

    assert len(found) == (names.value_counts() > 1).sum()
    assert sum(row["rows"] - 1 for row in found) == names.duplicated().sum() == 102


def test_lines_below_cost_are_readable_findings(folder: Path) -> None:
    file = read(folder, "Sales.psv")
    below = decimals(file["Sales"]) < decimals(file["Cost"])
    lost = (decimals(file["Cost"]) - decimals(file["Sales"]))[below].sum()

    found = check_facts(only=("below_cost",))["below_cost"][1]

    assert sum(row["rows"] for row in found) == below.sum() == 20_586
    assert sum(row["money"] for row in found) == lost
    assert len(found) <= file["ProductKey"].nunique()


def test_targets_find_their_people_through_the_second_file(folder: Path) -> None:
    file = read(folder, "Targets.psv").merge(read(folder, "Salesperson.psv"), on="EmployeeID")
    wanted = {
        (row.EmployeeKey, row.TargetMonth.replace("/", "-")): Decimal(row.TargetAmount)
        for row in file.itertuples()
    }

    rows = Target.objects.values_list("rep__code", "month", "amount")

    assert {(rep, month.isoformat()): amount for rep, month, amount in rows} == wanted
    assert len(wanted) == 809


def test_every_line_knows_its_account_its_rep_and_its_file() -> None:
    incomplete = SalesLine.objects.filter(account=None) | SalesLine.objects.filter(rep=None)

    assert not incomplete.exists()
    assert SalesLine.objects.exclude(run__file_name="Sales.psv").count() == 0
    assert SalesLine.objects.filter(day=F("demand_unit__sales__month")).exists()


def test_a_restated_line_changes_its_month_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    text = (folder / "Sales.psv").read_text(encoding="utf-8-sig").splitlines()
    cells = text[1].split("|")
    restated = "|".join([*cells[:8], "1000.00", cells[9]])
    file = tmp_path / "restated.psv"
    file.write_text("\n".join([text[0], restated, text[2]]) + "\n", encoding="utf-8")

    run = _again(file)

    assert (run.state, run.rows_new, run.rows_changed, run.rows_unchanged) == (ImportState.COMMITTED, 0, 1, 1)
    total = Sales.objects.aggregate(total=Sum("revenue"))["total"]
    assert total == REVENUE - Decimal(cells[8]) + Decimal(1000)
    file.write_text("\n".join(text[:3]) + "\n", encoding="utf-8")
    _again(file)
    assert Sales.objects.aggregate(total=Sum("revenue"))["total"] == REVENUE


def _again(file: Path) -> Any:
    """A later file of the same source."""
    import_profile = (PROFILES / "sales.yaml").read_text(encoding="utf-8")
    definition = import_profile.partition("definition: |\n")[2].replace("\n  ", "\n").strip()
    with file.open("rb") as content:
        return import_now(
            actor=None,
            file=content,
            file_name=file.name,
            dataset="sales",
            definition=definition,
            source="reseller_sales",
        )
