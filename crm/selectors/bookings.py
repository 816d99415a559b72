"""Bookings: deals that were won, by day, rep, account and product, in base currency.

What quotas are measured by and pay is worked out from. A deal with lines is a booking for each of
them: its amount is split in proportion to the lines, so that the parts add up to the deal exactly.
"""

import datetime as dt
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Least, NullIf, Round, RowNumber, TruncMonth

from core.models import Person
from crm.models import StageKind, TeamMembership
from crm.selectors.deals import live_deals_visible_to

EXACT = DecimalField(max_digits=30, decimal_places=12)
MONEY = DecimalField(max_digits=18, decimal_places=4)
COLUMNS = {
    "deal": F("pk"),
    "deal_name": F("name"),
    "deal_id": F("external_id"),
    "crm": F("source"),
    "day": F("closed"),
    "month": TruncMonth("closed"),
    "rep_code": F("rep__code"),
    "rep_name": F("rep__name"),
    "account_code": F("account__code"),
    "account_name": F("account__name"),
    "line": F("lines__position"),
    "product_code": Coalesce(F("lines__product__code"), F("product__code")),
    "product_name": Coalesce(F("lines__product__name"), F("product__name")),
    "quantity": F("lines__quantity"),
    "currency_code": F("currency__code"),
}


def won_deals(
    user: Person | None, first: dt.date | None = None, last: dt.date | None = None
) -> QuerySet[Any]:
    """The live deals that a person may see and that were won from `first` to `last`, both included."""
    deals = live_deals_visible_to(user).filter(stage__kind=StageKind.WON, closed__isnull=False)
    if first is not None:
        deals = deals.filter(closed__gte=first)
    return deals if last is None else deals.filter(closed__lte=last)


def bookings_of(deals: QuerySet[Any]) -> QuerySet[Any]:
    """One row for each line of the deals, or for a deal without lines: a mapping with the keys of COLUMNS,
    `team_code` (the rep's on that day), `money` in the deal's currency and `base_money`."""
    team = TeamMembership.objects.filter(rep=OuterRef("rep"), days__contains=OuterRef("closed"))
    return (
        deals.order_by()
        .annotate(
            **{f"booking_{name}": value for name, value in COLUMNS.items()},
            booking_team_code=Subquery(team.values("team__code")[:1]),
            booking_money=_part(F("amount")),
            booking_base_money=_part(F("base_amount")),
        )
        .values(**{name: F(f"booking_{name}") for name in (*COLUMNS, "team_code", "money", "base_money")})
    )


def bookings(user: Person | None, first: dt.date, last: dt.date) -> QuerySet[Any]:
    """The bookings that a person may see, of the days from `first` to `last`, in the order of their days."""
    return bookings_of(won_deals(user, first, last)).order_by("day", "deal", "line")


def by_rep_and_month(deals: QuerySet[Any]) -> QuerySet[Any]:
    """What each rep booked in each month: `rep_code`, `rep_name`, `month`, `deals`, `base_money`, and
    `without_rate`, how many deals have no worth in base currency yet."""
    return (
        deals.order_by()
        .annotate(month=TruncMonth("closed"), rep_code=F("rep__code"), rep_name=F("rep__name"))
        .values("month", "rep_code", "rep_name")
        .annotate(
            deals=Count("pk"),
            base_money=Coalesce(Sum("base_amount"), Value(0), output_field=MONEY),
            without_rate=Count("pk", filter=Q(base_amount=None, amount__isnull=False)),
        )
        .order_by("month", "rep_code")
    )


def _part(whole: F) -> Round:
    """A line's part of the deal: what is rounded away in one line goes into the next. Without lines, or
    where they cost nothing, the first row has all of it."""
    place = Window(RowNumber(), partition_by=[F("pk")], order_by=F("lines__position").asc())
    until = Window(Sum("lines__amount"), partition_by=[F("pk")], order_by=F("lines__position").asc())
    total = NullIf(Window(Sum("lines__amount"), partition_by=[F("pk")]), Value(0, MONEY))
    before = until - F("lines__amount")
    first_only = Least(place - 1, Value(1))
    to = Coalesce(_divided(until, total), Value(1, EXACT), output_field=EXACT)
    since = Coalesce(_divided(before, total), first_only, output_field=EXACT)
    return _rounded(whole, to) - _rounded(whole, since)  # type: ignore[return-value]


def _divided(part: Any, total: Any) -> Func:
    """The share, as exactly as the database divides."""
    return Func(part, total, arg_joiner=" / ", template="(%(expressions)s)", output_field=EXACT)


def _rounded(whole: F, share: Any) -> Round:
    return Round(
        Func(whole, share, arg_joiner=" * ", template="(%(expressions)s)", output_field=EXACT), precision=4
    )
