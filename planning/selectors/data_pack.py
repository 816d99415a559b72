"""The data pack of stage 1: by family, what was sold against the last plan, and how much is covered."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from catalog.engine.months import months_from
from catalog.models import Family
from catalog.selectors import demand_units_visible_to, reach_of
from core.models import Person
from forecasting.models import ForecastSeries
from gathering.models import Sales
from planning.models import Cycle, ReleasedTotal
from planning.selectors.cycles import last_released_before

FAR = 0.2  # a fifth away from the last plan deserves a look (sop_practice: data pack, exceptions)


@dataclass(frozen=True)
class PackLine:
    """One family: units sold in the last month and year, what the last plan said, what is forecast."""

    family: Family
    sold: float
    planned: float | None
    year: float
    year_before: float
    units: int
    forecast: int

    @property
    def away(self) -> float | None:
        """What was sold against the last plan, as a share of the plan."""
        return self.sold / self.planned - 1 if self.planned else None

    @property
    def is_far(self) -> bool:
        """Whether what was sold is far from the last plan, either way."""
        return self.away is not None and abs(self.away) > FAR

    @property
    def growth(self) -> float | None:
        """Units of the last year against the year before, as a share; None without any then."""
        return self.year / self.year_before - 1 if self.year_before else None


def pack_lines(user: Person | None, cycle: Cycle) -> list[PackLine]:
    """Every family with active demand units in the person's scope, in code order. Five queries."""
    units = demand_units_visible_to(user).filter(is_active=True).order_by()
    counts = dict(units.values_list("product__family").annotate(Count("pk")))
    families = Family.objects.filter(pk__in=counts).order_by("code")
    sold, planned, forecast = _sold(user, cycle), _planned(user, cycle), _forecast(user, cycle)
    return [
        PackLine(
            family=family,
            units=counts[family.pk],
            planned=planned.get(family.pk),
            forecast=forecast.get(family.pk, 0),
            **sold.get(family.pk, {"sold": 0.0, "year": 0.0, "year_before": 0.0}),
        )
        for family in families
    ]


def _sold(user: Person | None, cycle: Cycle) -> dict[int, dict[str, float]]:
    last = months_from(cycle.month, -1)[0]
    year, two_years = months_from(cycle.month, -12)[0], months_from(cycle.month, -24)[0]
    family, reach = "demand_unit__product__family", reach_of(user)
    in_scope = Sales.objects.filter(reach.of_family(family), reach.of_market("demand_unit__market"))
    rows = in_scope.filter(month__gte=two_years, month__lt=cycle.month).order_by().values_list(family)
    sums = rows.annotate(
        sold=Sum("quantity", filter=Q(month=last), default=0),
        year=Sum("quantity", filter=Q(month__gte=year), default=0),
        year_before=Sum("quantity", filter=Q(month__lt=year), default=0),
    )
    return {key: {"sold": float(a), "year": float(b), "year_before": float(c)} for key, a, b, c in sums}


def _planned(user: Person | None, cycle: Cycle) -> dict[int, float]:
    """What the last released plan said about the month that has just ended."""
    last = last_released_before(cycle)
    if last is None:
        return {}
    reach, month = reach_of(user), months_from(cycle.month, -1)[0]
    rows = ReleasedTotal.objects.filter(
        reach.of_family("family"), reach.of_market("market"), release__cycle=last, month=month
    )
    return dict(rows.order_by().values_list("family").annotate(Sum("consensus")))


def _forecast(user: Person | None, cycle: Cycle) -> dict[int, int]:
    seen = demand_units_visible_to(user).order_by().values("pk")
    rows: Any = ForecastSeries.objects.filter(run=cycle.forecast_run_id, demand_unit__in=seen)
    return dict(rows.order_by().values_list("demand_unit__product__family").annotate(Count("pk")))


def last_month_of(cycle: Cycle) -> dt.date:
    """The month in which the cycle's history ends."""
    return months_from(cycle.month, -1)[0]
