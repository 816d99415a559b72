"""The forecast of a past month against the sales that followed, and against a seasonal naive."""

import datetime as dt
from typing import Any

import pandas as pd

from catalog.models import DemandUnit
from forecasting.models import ForecastValue
from gathering.models import Sales
from planning.models import Cycle


def compare(cycle: Cycle) -> dict[str, Any]:
    """WAPE and bias of the pinned forecast and of a seasonal naive (the same month of the last year
    known), over the planned months that have sales by now. Empty where there are none.

    WAPE is Σ|actual − forecast| / Σ actual, bias Σ(forecast − actual) / Σ actual; by demand unit and
    month, by family, and of the company's sum.
    """
    sales = _frame(Sales.objects.filter(demand_unit__is_active=True), "quantity")
    actual = sales[sales.index.get_level_values("month") >= cycle.month]
    months = sorted(set(actual.index.get_level_values("month")))[: cycle.horizon]
    if not months:
        return {}
    forecast = _frame(ForecastValue.objects.filter(run=cycle.forecast_run, month__in=months), "mean")
    grid = pd.DataFrame(index=forecast.index)
    grid["forecast"] = forecast
    grid["actual"] = actual.reindex(grid.index).fillna(0.0)
    grid["naive"] = [_same_month_before(sales, unit, month, cycle.month) for unit, month in grid.index]
    family = grid.index.get_level_values("unit").map(_families())
    found = {
        "first": months[0].isoformat(),
        "months": len(months),
        "demand_units": int(grid.index.get_level_values("unit").nunique()),
        "actual_units": float(grid["actual"].sum()),
        "by_demand_unit": _errors(grid),
        "by_family": _errors(grid.groupby([family, grid.index.get_level_values("month")]).sum()),
        "company": _errors(grid.groupby(level="month").sum()),
    }
    return found | {"in_words": _in_words(found)}


def _frame(rows: Any, value: str) -> pd.Series:
    found = pd.DataFrame(
        rows.values_list("demand_unit_id", "month", value), columns=["unit", "month", value]
    ).astype({value: float})
    return found.set_index(["unit", "month"])[value].sort_index()


def _families() -> dict[int, int]:
    return dict(DemandUnit.objects.values_list("pk", "product__family"))


def _same_month_before(sales: pd.Series, unit: int, month: dt.date, first: dt.date) -> float:
    """The last same month before the first planned one; nothing sold counts as 0."""
    while month >= first:
        month = month.replace(year=month.year - 1)
    return float(sales.get((unit, month), 0.0))


def _errors(grid: pd.DataFrame) -> dict[str, float]:
    sold = grid["actual"].sum()
    if not sold:
        return {}
    return {
        f"{name}_{kind}": round(float(error / sold), 4)
        for name in ("forecast", "naive")
        for kind, error in (
            ("wape", (grid[name] - grid["actual"]).abs().sum()),
            ("bias", (grid[name] - grid["actual"]).sum()),
        )
    }


def _in_words(found: dict[str, Any]) -> list[str]:
    scopes = (
        ("by_demand_unit", "by demand unit and month"),
        ("by_family", "by family and month"),
        ("company", "of the company by month"),
    )
    return [
        f"Against the {found['months']} months of sales that followed, {words}: "
        f"WAPE {found[scope]['forecast_wape']:.1%} by the forecast, "
        f"{found[scope]['naive_wape']:.1%} by the seasonal naive."
        for scope, words in scopes
        if found[scope]
    ]
