"""How far the plan may be off: the interval of the pinned forecast, laid around the plan.

For each month the 80 % intervals of all demand units are added up, lower bounds with lower bounds,
and divided by the sum of the means. Adding bounds takes errors to move together; errors that partly
cancel would give a narrower band, so this one is on the cautious side. The plan's revenue times the
two shares is the band.
"""

import datetime as dt
from typing import Any

from django.core.cache import cache
from django.db.models import Sum

from catalog.selectors import reach_of
from core.models import Person
from forecasting.models import ForecastRun, ForecastValue

KEPT = 3600  # seconds; a run that is done never changes, but families and markets may move
Shares = dict[dt.date, tuple[float, float]]


def interval_shares(user: Person, run: ForecastRun | None) -> Shares:
    """Month → (lower, upper) as shares of the mean, within the person's scope. Empty without a run.

    Remembered by run and scope: summing 180,000 rows takes longer than the rest of the page.
    """
    if run is None or run.state != "done":
        return {}
    reach = reach_of(user)
    scope = "|".join(",".join(map(str, sorted(ids))) for ids in (reach.families, reach.markets))
    key = f"outlook:{run.pk}:{run.input_hash[:16]}:{scope}"
    kept: Any = cache.get(key)
    if kept is None:
        kept = _shares(run, reach)
        cache.set(key, kept, KEPT)
    return kept


def _shares(run: ForecastRun, reach: Any) -> Shares:
    rows = ForecastValue.objects.filter(
        reach.of_family("demand_unit__product__family"), reach.of_market("demand_unit__market"), run=run
    )
    sums = (
        rows.order_by()
        .values_list("month")
        .annotate(low=Sum("lower_80"), mean=Sum("mean"), high=Sum("upper_80"))
    )
    return {month: (low / mean, high / mean) for month, low, mean, high in sums if mean}
