"""How much of a month somebody is on a plan, and what of a quota or of target pay falls on it."""

import calendar
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from compensation.engine.plan import ONE, Proration, QuotaTerms


def presence(terms: QuotaTerms, month: dt.date, first: dt.date | None, last: dt.date | None) -> Fraction:
    """The share of a month (its first day) for somebody there from `first` to `last`, both included."""
    days = _days(month)
    begin = first + dt.timedelta(days=0 if terms.start_day_counts else 1) if first else None
    there = [day for day in days if (begin is None or day >= begin) and (last is None or day <= last)]
    if terms.prorate is Proration.NONE:
        return Fraction(1)
    if terms.prorate is Proration.MONTHS:
        return Fraction(bool(there))
    if terms.prorate is Proration.FULL_MONTHS:
        return Fraction(len(there) == len(days))
    if terms.prorate is Proration.WORKING_DAYS:
        there, days = _working(there), _working(days)
    return Fraction(len(there), len(days))


def season(terms: QuotaTerms) -> list[Fraction]:
    """The twelve months' shares of a year, by the weights of its parts."""
    weights = [Fraction(weight) for weight in terms.weights] or [Fraction(1)] * 12
    each = 12 // len(weights)
    return [weight / sum(weights) / each for weight in weights for _ in range(each)]


def ramped(ramp: Sequence[Decimal], first: dt.date | None, month: dt.date) -> Fraction:
    """The share of a full quota in a month, by the months since the start."""
    if first is None:
        return Fraction(ONE)
    place = (month.year - first.year) * 12 + month.month - first.month
    return Fraction(ramp[place]) if 0 <= place < len(ramp) else Fraction(1)


def spread(exact: Mapping[dt.date, Fraction], places: int) -> dict[dt.date, Decimal]:
    """A quota by month (its first day) in a plan's places. Their sums up to each month are rounded half up,
    not each month: a quarter of 100 is 25, and the year is the year."""
    found: dict[dt.date, Decimal] = {}
    total, before = Fraction(0), 0
    for day in sorted(exact):
        total += exact[day]
        whole = math.floor(total * 10**places + Fraction(1, 2))
        found[day] = Decimal(whole - before).scaleb(-places)
        before = whole
    return found


def _days(month: dt.date) -> list[dt.date]:
    return [month.replace(day=day) for day in range(1, calendar.monthrange(month.year, month.month)[1] + 1)]


def _working(days: list[dt.date]) -> list[dt.date]:
    return [day for day in days if day.weekday() < 5]
