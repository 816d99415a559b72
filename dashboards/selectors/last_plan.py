"""How the last released plans went: revenue planned and sold in the months that are over."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import FloatField, Sum
from django.db.models.functions import Cast

from catalog.engine.months import months_from
from catalog.selectors.slices import Slice
from core.models import Person
from dashboards.selectors.comparison import released_line
from gathering.selectors.facts import last_month_of_sales
from gathering.selectors.sums import sales_in
from planning.models import Cycle, Release
from planning.selectors.addresses import cycle_path

SHOWN_MONTHS = 3


@dataclass(frozen=True)
class Month:
    """Revenue of one month in base currency: as released, and as sold."""

    month: dt.date
    planned: float
    sold: float

    @property
    def change(self) -> float | None:
        """Sold against planned as a share; None where nothing was planned."""
        return self.sold / self.planned - 1 if self.planned else None


@dataclass(frozen=True)
class LastPlan:
    """The newest released plan of which a month is over; without one, the newest of all."""

    cycle: Cycle
    months: list[Month]

    @property
    def url(self) -> str:
        """The page of the release."""
        return cycle_path(self.cycle, "release")


def last_plan_of(person: Person) -> LastPlan | None:
    """The last plan and its newest months that are over; None before the first release."""
    released = Cycle.objects.filter(stage="released")
    last = last_month_of_sales()
    cycle = (released.filter(month__lte=last).first() if last else None) or released.first()
    if cycle is None:
        return None
    if last is None or cycle.month > last:
        return LastPlan(cycle, [])
    first = max(cycle.month, months_from(last, 1 - SHOWN_MONTHS)[0] if SHOWN_MONTHS > 1 else last)
    part = Slice(person, None, None, first, last)
    planned = released_line("Released", Release.objects.only("pk").get(cycle=cycle), part).months
    rows = sales_in(part).order_by().values_list("month")
    sold = dict(rows.annotate(sold=Sum(Cast("revenue", FloatField()))))
    return LastPlan(
        cycle, [Month(month, planned[month].revenue, sold.get(month, 0.0)) for month in sorted(planned)]
    )
