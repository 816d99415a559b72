"""What of a quota goes along when an account changes hands within the year."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from territories.engine.quotas.days import rest_of
from territories.engine.quotas.seasons import Months
from territories.engine.quotas.wholes import CENT


def moved_months(months: Mapping[dt.date, Decimal], share: Fraction, day: dt.date) -> Months:
    """The part of each month that moves on a day: the share of all months after it, and of its own month
    the share of the days that are left, that day included. In cents."""
    here, (left, days) = day.replace(day=1), rest_of(day)
    found: Months = {}
    for month, amount in months.items():
        if month < here:
            continue
        part = Fraction(amount) * share * (Fraction(left, days) if month == here else 1)
        found[month] = _cents(part)
    return found


def _cents(part: Fraction) -> Decimal:
    return (Decimal(part.numerator) / Decimal(part.denominator)).quantize(CENT, ROUND_HALF_EVEN)
