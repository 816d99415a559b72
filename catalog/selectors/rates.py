"""What a currency is worth in the company's base currency in a month."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, DateField, DecimalField, OuterRef, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncMonth

from catalog.models import Currency, MonthRate
from core import company

ONE = Decimal(1)
AS_RATE = DecimalField(max_digits=18, decimal_places=8)


def base_currency() -> str:
    """The code of the currency that every rate is told in. Its own rate is 1."""
    return str(company.value("base_currency"))


def rate(currency: Currency | str, month: dt.date) -> Decimal | None:
    """The worth of one unit of the currency in the month; None where nobody has entered it yet."""
    code = currency if isinstance(currency, str) else currency.code
    if code == base_currency():
        return ONE
    return (
        MonthRate.objects.filter(currency=code, month=month.replace(day=1))
        .values_list("rate", flat=True)
        .first()
    )


def rate_expression(currency: str, day: str) -> Combinable:
    """The same for each row of a query: `sales.annotate(rate=rate_expression("currency", "ordered_on"))`.

    `currency` and `day` are the row's paths. Null where the rate is missing.
    """
    found = MonthRate.objects.filter(
        currency=OuterRef(currency), month=TruncMonth(Cast(OuterRef(day), DateField()))
    )
    return Case(
        When(**{currency: base_currency()}, then=Value(ONE, AS_RATE)),
        default=Subquery(found.values("rate")[:1], output_field=AS_RATE),
    )


@dataclass(frozen=True)
class RateJoin:
    """Pieces of a raw query: put `join` after FROM, `value` where the rate is wanted (null where it
    is missing), and `params` in the place of `value`'s parameters."""

    join: str
    value: str
    params: tuple[str, ...]


def rate_join(currency: str, day: str, alias: str = "month_rate") -> RateJoin:
    """The rates for a set-based query; `currency` and `day` are SQL columns such as "line.currency_id"."""
    table = MonthRate._meta.db_table
    join = (
        f"LEFT JOIN {table} {alias} ON {alias}.currency_id = {currency}"
        f" AND {alias}.month = date_trunc('month', {day})::date"
    )
    return RateJoin(join, f"CASE WHEN {currency} = %s THEN 1 ELSE {alias}.rate END", (base_currency(),))
