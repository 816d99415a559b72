"""What territories are weighed by: history, potential and open pipeline of the accounts that lie in them."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, DecimalField, F, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from catalog.engine.months import add_months, months_from
from catalog.selectors.rates import rate_expression
from crm.models import StageKind
from crm.selectors.bookings import won_deals
from crm.selectors.deals import live_deals_visible_to
from gathering.models import SalesLine
from gathering.models.facts import LineKind
from territories.models import AccountWork, QuotaMeasure, QuotaPlan

MONEY = DecimalField(max_digits=24, decimal_places=4)
ZERO = Value(Decimal(0), MONEY)
SEASON_YEARS = 3
PLACED = """
    SELECT DISTINCT ON (account_id) account_id, territory_id FROM territories_placement
    WHERE model_id = %(model)s AND role_id IS NULL AND days && daterange(%(first)s, %(end)s)
    ORDER BY account_id, (days @> %(first)s::date) DESC, lower(days)
"""
Values = dict[int, dict[str, Decimal]]


@dataclass(frozen=True)
class Window:
    """The twelve months that count as history: those before the plan's year that are over."""

    first: dt.date
    last: dt.date


def window_of(plan: QuotaPlan) -> Window:
    """The twelve months before the fiscal year, or before today where the year lies ahead."""
    end = min(plan.first_month, timezone.localdate().replace(day=1))
    return Window(add_months(end, -12), end - dt.timedelta(days=1))


def placed_accounts(plan: QuotaPlan) -> dict[int, int]:
    """Account → territory as the plan's model has them at its first month, or as soon as it does."""
    if plan.model_id is None:
        return {}
    end = months_from(plan.first_month, 13)[-1]
    with connection.cursor() as cursor:
        cursor.execute(PLACED, {"model": plan.model_id, "first": plan.from_month, "end": end})
        return dict(cursor.fetchall())


def values_of_accounts(plan: QuotaPlan) -> Values:
    """Account → history, potential and pipeline in base currency: three queries."""
    found: Values = defaultdict(dict)
    window = window_of(plan)
    for name, rows in (
        ("history", _sold(plan.measure, window.first, window.last).values_list("account")),
        ("potential", AccountWork.objects.order_by().values_list("account")),
        ("pipeline", _open_deals(plan).values_list("account")),
    ):
        for account, amount in rows.annotate(total=Sum(_SUMMED[name], output_field=MONEY)):
            if account is not None and amount:
                found[account][name] = amount
    return dict(found)


def values_of_territories(plan: QuotaPlan) -> Values:
    """The same, summed over the accounts of each territory (its own, not those below)."""
    placed, found = placed_accounts(plan), defaultdict[int, dict[str, Decimal]](dict)
    for account, values in values_of_accounts(plan).items():
        if (territory := placed.get(account)) is not None:
            own = found[territory]
            for name, amount in values.items():
                own[name] = own.get(name, Decimal(0)) + amount
    return dict(found)


def season_history(plan: QuotaPlan) -> dict[dt.date, Decimal]:
    """What was sold in each month of up to three whole years up to the history's last month."""
    last = window_of(plan).last
    first = add_months(last.replace(day=1), 1 - 12 * SEASON_YEARS)
    rows = _sold(plan.measure, first, last).order_by().annotate(month=TruncMonth("day")).values_list("month")
    found = {
        month: amount or Decimal(0) for month, amount in rows.annotate(total=Sum("worth", output_field=MONEY))
    }
    return _whole_years(found, last)


def _whole_years(found: dict[dt.date, Decimal], last: dt.date) -> dict[dt.date, Decimal]:
    """Only years back from the end that have sales from their first month on: half a year is no season."""
    if not found:
        return {}
    kept: dict[dt.date, Decimal] = {}
    for year in range(1, SEASON_YEARS + 1):
        months = months_from(add_months(last.replace(day=1), 1 - 12 * year), 12)
        if year > 1 and min(found) > months[0]:
            break
        kept |= {month: found.get(month, Decimal(0)) for month in months}
    return kept


def _sold(measure: str, first: dt.date, last: dt.date) -> Any:
    """Rows with `account`, `day` and `worth` in base currency: won deals, or order lines less returns."""
    if measure == QuotaMeasure.BOOKINGS:
        deals = won_deals(None, first, last).order_by()
        return deals.annotate(day=F("closed"), worth=Coalesce(F("base_amount"), ZERO))
    sign = Case(When(kind=LineKind.RETURN, then=Value(-1)), default=Value(1))
    lines = SalesLine.objects.filter(day__range=(first, last)).order_by()
    return lines.annotate(
        rate=rate_expression("currency", "day"),
        worth=Coalesce(F("revenue") * sign * F("rate"), ZERO, output_field=MONEY),
    )


def _open_deals(plan: QuotaPlan) -> Any:
    """Open deals that are to close in the plan's year, weighted by their chance (1 without one)."""
    end = months_from(plan.first_month, 13)[-1]
    deals = live_deals_visible_to(None).filter(
        stage__kind=StageKind.OPEN, expected_close__gte=plan.from_month, expected_close__lt=end
    )
    chance = Coalesce(F("probability"), F("stage__probability"), Value(Decimal(1)), output_field=MONEY)
    return deals.order_by().annotate(weighted=F("base_amount") * chance)


_SUMMED = {"history": "worth", "potential": "potential", "pipeline": "weighted"}
