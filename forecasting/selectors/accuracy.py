"""How good forecasts are: by their own back-tests, and by what really happened."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.db.models import Sum

from core.models import Person
from forecasting.models import ForecastRun
from forecasting.selectors.values import series_visible_to
from gathering.models import Sales

TESTED = ["demand_unit", "family", "family_name", "method", "mase", "wape", "bias"]
REALISED = ["demand_unit", "month", "lag", "mean", "lower_80", "upper_80", "actual"]
# A month without a sale counts as 0 where anybody bought anything: as in the history of the forecast.
ACTUALS = """
    SELECT v.demand_unit_id, v.month,
        (extract(year FROM age(v.month, r.last_month)) * 12
            + extract(month FROM age(v.month, r.last_month)))::int AS lag,
        v.mean, v.lower_80, v.upper_80, coalesce(s.quantity, 0)::float8 AS actual
    FROM forecasting_forecastvalue v
    JOIN forecasting_forecastrun r ON r.id = v.run_id
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    WHERE v.run_id = %s AND v.month <= %s
        AND EXISTS (SELECT 1 FROM gathering_sales k WHERE k.month = v.month)
    ORDER BY v.demand_unit_id, v.month
"""


@dataclass(frozen=True)
class Figures:
    """Back-test figures of some series, weighed by revenue; None where no series has any.

    mase: mean, in seasonal steps of the history. wape, bias: shares. The quartiles are of the
    unweighed MASE. `better` is the share of series with a MASE below 1: better than last year's value.
    """

    series: int
    tested: int
    revenue: float
    mase: float | None
    wape: float | None
    bias: float | None
    mase_quartiles: tuple[float, float, float] | None
    better: float | None


def tested_series(user: Person | None, run: ForecastRun) -> pd.DataFrame:
    """The visible series of a run with their back-test figures, one row each.

    Columns: demand_unit, family, family_name, method, mase, wape, bias, and revenue: what the unit
    earned in the twelve months before the forecast, in base currency.
    """
    rows = series_visible_to(user).filter(run=run).order_by()
    paths = ("demand_unit__product__family", "demand_unit__product__family__name")
    frame = pd.DataFrame.from_records(
        rows.values_list("demand_unit_id", *paths, "method", "mase", "wape", "bias"), columns=TESTED
    )
    numbers = dict.fromkeys(("mase", "wape", "bias"), float)
    earned = revenue_before(run.last_month)
    return frame.astype(numbers).assign(revenue=frame["demand_unit"].map(earned).fillna(0.0).astype(float))


def revenue_before(last_month: dt.date) -> dict[int, float]:
    """What each demand unit earned in the twelve months that end here, in base currency."""
    first = last_month.replace(year=last_month.year - 1)
    sums = Sales.objects.filter(month__gt=first, month__lte=last_month).order_by().values("demand_unit")
    return {row["demand_unit"]: float(row["total"]) for row in sums.annotate(total=Sum("revenue"))}


def figures_of(frame: pd.DataFrame) -> Figures:
    """The figures of some rows of `tested_series`."""
    mase = frame["mase"].dropna()
    return Figures(
        series=len(frame),
        tested=int(frame[["mase", "wape"]].notna().any(axis=1).sum()),
        revenue=float(frame["revenue"].sum()),
        mase=weighed(frame, "mase"),
        wape=weighed(frame, "wape"),
        bias=weighed(frame, "bias"),
        mase_quartiles=_quartiles(mase) if len(mase) else None,
        better=float((mase < 1).mean()) if len(mase) else None,
    )


def by_family(frame: pd.DataFrame) -> list[tuple[int, str, Figures]]:
    """Id, name and figures of each family of `tested_series`, the one with the most revenue first."""
    groups = [
        (int(rows["family"].iloc[0]), str(rows["family_name"].iloc[0]), figures_of(rows))
        for _, rows in frame.groupby("family")
    ]
    return sorted(groups, key=lambda group: (-group[2].revenue, group[1]))


def by_method(frame: pd.DataFrame) -> list[tuple[str, int]]:
    """How many series each method forecasts, the most used first."""
    return [(str(method), int(count)) for method, count in frame["method"].value_counts().items()]


def _quartiles(values: pd.Series) -> tuple[float, float, float]:
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def weighed(frame: pd.DataFrame, name: str) -> float | None:
    """The mean by revenue; the plain one where nothing was earned."""
    known = frame[frame[name].notna()]
    if known.empty:
        return None
    weights = known["revenue"].clip(lower=0)
    if not weights.sum():
        return float(known[name].mean())
    return float((known[name] * weights).sum() / weights.sum())


def realised(run: ForecastRun, up_to: dt.date) -> pd.DataFrame:
    """What a run forecast for the months up to one, beside what was sold in them.

    Columns: demand_unit, month, lag (1 is the first forecast month), mean, lower_80, upper_80, actual;
    quantities in the products' units, months without any sales data left out. For machines: not narrowed to
    anybody's scope.
    """
    with connection.cursor() as cursor:
        cursor.execute(ACTUALS, [run.pk, up_to])
        return pd.DataFrame.from_records(cursor.fetchall(), columns=REALISED)


def accuracy_by_lag(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of `realised`, by lag: wape and bias (shares of the actual), inside_80 (share within the band)."""
    errors = frame.assign(
        error=frame["mean"] - frame["actual"],
        size=(frame["mean"] - frame["actual"]).abs(),
        inside=frame["actual"].between(frame["lower_80"], frame["upper_80"]),
    )
    sums = errors.groupby("lag").agg(
        {"actual": "sum", "size": "sum", "error": "sum", "inside": "mean", "month": "count"}
    )
    actual = sums["actual"].where(sums["actual"] > 0)
    return pd.DataFrame(
        {
            "wape": sums["size"] / actual,
            "bias": sums["error"] / actual,
            "inside_80": sums["inside"],
            "values": sums["month"],
        }
    ).reset_index()
