"""manage.py run_cycle on files that nobody here made: AdventureWorks and sop_mini, untouched."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import call_command

from core import company
from planning.models import Release
from tests.real_files import shared_folder

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
RESELLER_SALES, SOP_MINI = "adventureworks/reseller_sales", "supply/sop_mini"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    company.forget()


def run(name: str, month: str, out: Path, *options: str) -> tuple[dict[str, Any], str]:
    """Run on the data set; what summary.json and the screen say."""
    said = StringIO()
    arguments = ("--data", str(shared_folder(name)), "--month", month, "--out", str(out))
    call_command("run_cycle", *arguments, *options, stdout=said, stderr=said)
    return json.loads((out / "summary.json").read_text(encoding="utf-8")), said.getvalue()


def test_sop_mini_shows_that_demand_is_above_capacity_in_ten_of_twelve_months(tmp_path: Path) -> None:
    summary, _ = run(SOP_MINI, "2026-01", tmp_path, "--horizon", "12")

    (line,) = summary["capacity"]
    left = [month["unconstrained_ending_stock"] for month in line["months"]]
    assert (left[0], left[1], left[-1]) == (859, -3395, -23070)
    assert line["months_above_capacity"] == 10
    assert summary["layout"] == "sop_mini"


def test_sop_mini_is_planned_within_capacity(tmp_path: Path) -> None:
    run(SOP_MINI, "2026-01", tmp_path, "--horizon", "12")
    capacity = pd.read_csv(shared_folder(SOP_MINI) / "production_capacity.csv")["Capacity"].tolist()
    demand = pd.read_csv(shared_folder(SOP_MINI) / "demand_forecast.csv")["Demand_Forecast"].tolist()

    with (tmp_path / "supply.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [float(row["demand"]) for row in rows] == demand
    assert all(float(row["make"]) <= most + 1e-6 for row, most in zip(rows, capacity, strict=True))
    stock = 2724.0
    for row in rows:
        made, bought, wanted = (float(row[name]) for name in ("make", "buy", "demand"))
        stock += made + bought - wanted
        assert stock == pytest.approx(float(row["stock"]) - float(row["backlog"]), abs=1e-3)


def test_reseller_sales_are_planned_after_their_last_month(tmp_path: Path) -> None:
    summary, said = run(RESELLER_SALES, "2020-06", tmp_path)

    assert summary["forecast"]["series"] == len(
        pd.read_csv(shared_folder(RESELLER_SALES) / "Sales.psv", sep="|")
        .groupby(["ProductKey", "SalesTerritoryKey"])
        .size()
    )
    assert "comparison" not in summary
    assert summary["findings"]["blocking"] == 0
    assert summary["left_alone"] == ["SalespersonRegion.psv"]
    assert Release.objects.get().content_hash == summary["sha256"]
    assert "Released: Cycle Jun 2020" in said


def test_as_of_may_2019_the_forecast_is_compared_with_the_year_that_followed(tmp_path: Path) -> None:
    summary, said = run(RESELLER_SALES, "2019-06", tmp_path)

    sales = pd.read_csv(shared_folder(RESELLER_SALES) / "Sales.psv", sep="|")
    after = sales[sales["OrderDate"] >= "2019/06/01"]
    comparison = summary["comparison"]
    assert comparison["months"] == 12
    assert comparison["actual_units"] == after["Quantity"].sum()
    by_unit, by_family = comparison["by_demand_unit"], comparison["by_family"]
    assert by_unit["forecast_wape"] < by_unit["naive_wape"]
    # Nineteen in twenty of what sold are versions of products that had no history: no method can lead here.
    assert by_family["forecast_wape"] == pytest.approx(by_family["naive_wape"], rel=0.01)
    assert abs(by_family["forecast_bias"]) < abs(by_family["naive_bias"])
    assert "WAPE" in said and "seasonal naive" in said
