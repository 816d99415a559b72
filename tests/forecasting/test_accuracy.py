"""Accuracy: of back-tests, weighed by what series earn; and of what really happened, by lag."""

import numpy as np
import pandas as pd
import pytest

from forecasting.models import ForecastValue
from forecasting.selectors import accuracy
from forecasting.services.run_now import run_now
from tests.forecasting.conftest import LAST
from tests.gathering.world import World, month


def _rows(*rows: tuple[float, float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["mase", "wape", "bias", "revenue"])
    return frame.assign(demand_unit=range(len(rows)), family=1, family_name="Skis", method="zero")


def test_a_series_that_earns_thrice_counts_thrice() -> None:
    figures = accuracy.figures_of(
        _rows((0.5, 0.1, -0.1, 300), (1.5, 0.5, 0.3, 100), (np.nan, np.nan, np.nan, 50))
    )

    assert (figures.series, figures.tested, figures.revenue) == (3, 2, 450)
    assert (figures.mase, figures.wape, figures.bias) == pytest.approx((0.75, 0.2, 0.0))
    assert figures.mase_quartiles == (0.75, 1.0, 1.25)
    assert figures.better == 0.5


def test_without_revenue_all_series_count_alike() -> None:
    assert accuracy.figures_of(_rows((1, 0.2, 0, 0), (3, 0.4, 0, 0))).wape == pytest.approx(0.3)


def test_without_history_there_are_no_figures() -> None:
    figures = accuracy.figures_of(_rows((np.nan, np.nan, np.nan, 0)))

    assert (figures.tested, figures.wape, figures.mase_quartiles, figures.better) == (0, None, None, None)


def test_what_happened_is_compared_month_by_month(sold: World) -> None:
    run = run_now(actor=None, last_month=LAST, horizon=6)
    unit = sold.ridge_tyrol
    forecast = dict(ForecastValue.objects.filter(run=run, demand_unit=unit).values_list("month", "mean"))
    sold.sell(unit, month(36), 2 * forecast[month(36)])  # the others sold nothing in that month
    sold.sell(unit, month(38), 1)

    frame = accuracy.realised(run, month(39))

    of_unit = frame[frame["demand_unit"] == unit.pk]
    assert of_unit["month"].tolist() == [month(36), month(38)]  # nobody sold anything in between: not known
    assert of_unit["lag"].tolist() == [1, 3]
    assert of_unit["actual"].iloc[0] == pytest.approx(2 * forecast[month(36)], abs=1e-3)
    others = frame[(frame["demand_unit"] == sold.slope_north.pk) & (frame["lag"] == 1)]
    assert others["actual"].tolist() == [0.0]
    assert accuracy.realised(run, month(36))["lag"].unique().tolist() == [1]


def test_errors_are_summed_by_lag() -> None:
    frame = pd.DataFrame(
        [(1, 1, 10.0, 5.0, 15.0, 20.0), (2, 1, 10.0, 5.0, 15.0, 10.0), (1, 2, 9.0, 0.0, 9.5, 6.0)],
        columns=["demand_unit", "lag", "mean", "lower_80", "upper_80", "actual"],
    ).assign(month=LAST)

    by_lag = accuracy.accuracy_by_lag(frame).set_index("lag")

    assert by_lag.loc[1, ["wape", "bias", "inside_80", "values"]].tolist() == pytest.approx(
        [1 / 3, -1 / 3, 0.5, 2]
    )
    assert by_lag.loc[2, ["wape", "bias", "inside_80"]].tolist() == pytest.approx([0.5, 0.5, 1.0])
