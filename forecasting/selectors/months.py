"""Reading what runs replaced in the history, what people said about it, and what events mask."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Min, Q, QuerySet

from catalog.selectors import reach_of
from core.models import Person
from forecasting.models import CleanedMonth, ForecastSeries, MaskedPeriod, MonthMark, MonthSaid
from gathering.models import Sales


def _of_units(user: Person | None) -> Q:
    reach = reach_of(user)
    return reach.of_family("demand_unit__product__family") & reach.of_market("demand_unit__market")


def cleaned_visible_to(user: Person | None) -> QuerySet[CleanedMonth]:
    """Every month that any run replaced, with what it is worth and what people say about it."""
    rows = CleanedMonth.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product__family", "demand_unit__market", "run")


def marks_visible_to(user: Person | None) -> QuerySet[MonthMark]:
    """What people said about months; what was taken back stays with the word for it."""
    rows = MonthMark.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product__family", "demand_unit__market", "owner")


def masks_visible_to(user: Person | None) -> QuerySet[MaskedPeriod]:
    """The months that dated events mask."""
    reach = reach_of(user)
    inside = reach.of_family("product__family") & reach.of_market("market", or_everywhere=True)
    return MaskedPeriod.objects.filter(inside).select_related("product", "market")


def span_of_sales(unit: int) -> tuple[dt.date, dt.date] | None:
    """The unit's first month with sales, and the newest month of anybody's; None without sales."""
    first = Sales.objects.filter(demand_unit=unit).aggregate(first=Min("month"))["first"]
    last = Sales.objects.aggregate(last=Max("month"))["last"]
    return (first, last) if first else None


@dataclass(frozen=True)
class MonthLine:
    """A month of a unit's history that is not simply taken as it was.

    was: sold, None where this run did not replace it. now: what the run took instead. why: the run's
    reason. mark: what a person says, None where nobody did.
    """

    month: dt.date
    was: float | None
    now: float | None
    why: str
    mark: MonthMark | None

    @property
    def said(self) -> str:
        """What a person said about the month, else that the forecast decides."""
        return self.mark.said if self.mark else MonthSaid.NOTHING

    @property
    def revision(self) -> int | str:
        """The revision to send back with a change; empty before the first."""
        return self.mark.revision if self.mark else ""


def month_lines(user: Person | None, series: ForecastSeries) -> list[MonthLine]:
    """What a run replaced in a unit's history, and what people say now, the newest month first."""
    marks = {mark.month: mark for mark in marks_visible_to(user).filter(demand_unit=series.demand_unit_id)}
    cleaned = {dt.date.fromisoformat(month): (was, now, why) for month, was, now, why in series.cleaned}
    kept = {month for month, mark in marks.items() if mark.said != MonthSaid.NOTHING}
    return [
        MonthLine(month, *cleaned.get(month, (None, None, "")), marks.get(month))
        for month in sorted(kept | cleaned.keys(), reverse=True)
    ]
