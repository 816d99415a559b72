"""How far the plan may be off: the interval of the pinned forecast, laid around the plan.

For each month the half-widths of the 80 % intervals of all demand units are added up in two ways:
as if all errors moved together (their sum), and as if none did (the root of the sum of squares).
The variance of a sum of errors that correlate by r lies between: r × sum² + (1 − r) × sum of squares
(variance of a sum of equally correlated variables). The band over the sum of the means gives a share
below and above; the plan's revenue times these shares is the band.
"""

import datetime as dt
from math import sqrt

from django.db.models import F, Sum

from catalog.selectors import reach_of
from core.models import Person
from dashboards.selectors.remembered import remembered
from forecasting.models import ForecastRun, ForecastValue

# How far the errors of demand units are taken to move together: a season or a price moves all, most
# of the noise does not. A planning assumption, said on the page.
CORRELATION = 0.2
Shares = dict[dt.date, tuple[float, float]]


def interval_shares(user: Person, run: ForecastRun | None) -> Shares:
    """Month → (lower, upper) as shares of the mean, within the person's scope. Empty without a run.

    Remembered by run and scope: a run never changes, and summing 180,000 rows takes a while.
    """
    if run is None or run.state != "done":
        return {}
    return dict(remembered("outlook", user, [run.pk, run.input_hash], lambda: _shares(user, run)))


def _shares(user: Person, run: ForecastRun) -> Shares:
    reach = reach_of(user)
    rows = ForecastValue.objects.filter(
        reach.of_family("demand_unit__product__family"), reach.of_market("demand_unit__market"), run=run
    )
    below, above = F("mean") - F("lower_80"), F("upper_80") - F("mean")
    sums = (
        rows.order_by()
        .values_list("month")
        .annotate(
            total=Sum("mean"),
            low=Sum(below),
            low_squares=Sum(below * below),
            high=Sum(above),
            high_squares=Sum(above * above),
        )
    )
    return {
        month: (max(1 - _half(low, low_squares) / total, 0.0), 1 + _half(high, high_squares) / total)
        for month, total, low, low_squares, high, high_squares in sums
        if total
    }


def _half(widths: float, squares: float) -> float:
    """Half the band of a sum: widths added up as errors that correlate by CORRELATION."""
    return sqrt(CORRELATION * widths**2 + (1 - CORRELATION) * squares)
