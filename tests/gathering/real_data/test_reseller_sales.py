"""The reseller sales of AdventureWorks come in untouched, and every sum agrees with pandas."""

from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from django.db.models import F, Sum

from catalog.models import Currency, Product
from core.services.company import change_setting
from crm.models import Account, Rep
from gathering.models import Sales, SalesLine, Target
from gathering.pipeline.quality import check_facts
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "adventureworks"
REVENUE, COST, LINES = Decimal("77548570.20"), Decimal("76549075.63"), 57_851


def read(folder: Path, name: str) -> pd.DataFrame:
    """The file as pandas sees it, all text: nothing of the product is used for the comparison."""
    return pd.read_csv(folder / name, sep="|", dtype=str, keep_default_na=False)


def decimals(column: pd.Series) -> pd.Series:
    return column.map(Decimal)


class ResellerSales(LoadedOnce):
    """All files of the star schema, imported by the profiles of docs/examples."""

    folder: ClassVar[Path]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("adventureworks/reseller_sales")
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

    def test_every_product_account_and_rep_is_there(self) -> None:
        assert Product.objects.count() == len(read(self.folder, "Product.psv")) == 397
        assert Account.objects.count() == len(read(self.folder, "Reseller.psv")) == 701
        assert Rep.objects.count() == len(read(self.folder, "Salesperson.psv")) == 18

    def test_the_lines_agree_with_the_file_to_the_cent(self) -> None:
        file = read(self.folder, "Sales.psv")
        sums = SalesLine.objects.aggregate(revenue=Sum("revenue"), cost=Sum("cost"))

        assert SalesLine.objects.count() == len(file) == LINES
        assert sums["revenue"] == decimals(file["Sales"]).sum() == REVENUE
        assert sums["cost"] == decimals(file["Cost"]).sum() == COST

    def test_the_months_agree_with_the_file_to_the_cent(self) -> None:
        file = read(self.folder, "Sales.psv")
        file["month"] = file["OrderDate"].str.slice(0, 7).str.replace("/", "-")
        for name in ("Sales", "Cost", "Quantity"):
            file[name] = decimals(file[name])
        wanted = file.groupby(["ProductKey", "SalesTerritoryKey", "month"])[
            ["Quantity", "Sales", "Cost"]
        ].sum()

        rows = Sales.objects.values_list(
            "demand_unit__product__code", "demand_unit__market__code", "month", "quantity", "revenue", "cost"
        )
        ours = {(p, m, f"{month:%Y-%m}"): tuple(sums) for p, m, month, *sums in rows}

        assert ours == {key: tuple(row) for key, row in zip(wanted.index, wanted.to_numpy(), strict=True)}
        assert sum(sums[1] for sums in ours.values()) == REVENUE
        assert sum(sums[2] for sums in ours.values()) == COST

    def test_names_that_appear_twice_are_findings(self) -> None:
        names = read(self.folder, "Product.psv")["Product"]

        found = check_facts(only=("duplicate_names",))["duplicate_names"][1]

        assert len(found) == (names.value_counts() > 1).sum()
        assert sum(row["rows"] - 1 for row in found) == names.duplicated().sum() == 102

    def test_lines_below_cost_are_readable_findings(self) -> None:
        file = read(self.folder, "Sales.psv")
        below = decimals(file["Sales"]) < decimals(file["Cost"])
        lost = (decimals(file["Cost"]) - decimals(file["Sales"]))[below].sum()

        found = check_facts(only=("below_cost",))["below_cost"][1]

        assert sum(row["rows"] for row in found) == below.sum() == 20_586
        assert sum(row["money"] for row in found) == lost
        assert len(found) <= file["ProductKey"].nunique()

    def test_targets_find_their_people_through_the_second_file(self) -> None:
        file = read(self.folder, "Targets.psv").merge(read(self.folder, "Salesperson.psv"), on="EmployeeID")
        wanted = {
            (row.EmployeeKey, row.TargetMonth.replace("/", "-")): Decimal(row.TargetAmount)
            for row in file.itertuples()
        }

        rows = Target.objects.values_list("rep__code", "month", "amount")

        assert {(rep, month.isoformat()): amount for rep, month, amount in rows} == wanted
        assert len(wanted) == 809

    def test_every_line_knows_its_account_its_rep_and_its_file(self) -> None:
        incomplete = SalesLine.objects.filter(account=None) | SalesLine.objects.filter(rep=None)

        assert not incomplete.exists()
        assert SalesLine.objects.exclude(run__file_name="Sales.psv").count() == 0
        assert SalesLine.objects.filter(day=F("demand_unit__sales__month")).exists()

    def test_a_restated_line_changes_its_month_and_nothing_else(self) -> None:
        text = (self.folder / "Sales.psv").read_text(encoding="utf-8-sig").splitlines()
        cells = text[1].split("|")
        restated = "|".join([*cells[:8], "1000.00", cells[9]])
        file = self.files / "restated.psv"
        file.write_text("\n".join([text[0], restated, text[2]]) + "\n", encoding="utf-8")

        run = bring(file, PROFILES / "sales.yaml", source="reseller_sales")

        assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (0, 1, 1)
        total = Sales.objects.aggregate(total=Sum("revenue"))["total"]
        assert total == REVENUE - Decimal(cells[8]) + Decimal(1000)
