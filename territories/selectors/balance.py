"""What accounts are worth and take, and who has them on a day: the table that balance, the map and
realignment scenarios start from."""

import datetime as dt
from typing import Any

import numpy as np
from django.db.models import Case, DateField, DecimalField, F, FilteredRelation, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone

from catalog.models import MonthRate
from catalog.selectors import base_currency
from core import company
from core.models import Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from crm.selectors.bookings import won_deals
from gathering.models.facts import LineKind
from gathering.selectors.facts import lines_visible_to
from territories.engine.account_table import NOBODY, AccountTable, Bases, held_by
from territories.engine.problem import Floats, Ints
from territories.engine.travel import Travel
from territories.models import RepBase, RoleKind, TerritoryModel, TerritoryRep

MONEY = DecimalField(max_digits=30, decimal_places=4)
COLUMNS = (
    "pk",
    "owner_id",
    "placed__territory_id",
    "work__latitude",
    "work__longitude",
    "work__potential",
    "work__calls_a_year",
    "work__hours_a_call",
)


def measures_of(model: TerritoryModel | None, day: dt.date, *, user: Person | None = None) -> AccountTable:
    """The active accounts that a person may see (None: all), with who has them on a day: by the territory
    model, or by the CRM's owners where `model` is None. Revenue is that of the year up to the day, or up
    to today for later days."""
    rows = list(placed_accounts(model, day, user).values_list(*COLUMNS))
    ids, owner, territory, *work = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    places, potential, calls, hours = work[:2], *(_floats(column) for column in work[2:])
    table = AccountTable(
        ids=_keys(ids),
        territory=_keys(territory) if model else np.full(len(ids), NOBODY),
        rep=_reps_of(territory, day) if model else _keys(owner),
        place=np.column_stack([_floats(column, np.nan) for column in places]),
        potential=potential,
        revenue=revenue_of(ids, day, user),
        calls=calls,
        hours_a_call=hours,
        km=np.full(len(ids), np.nan),
        workload=np.zeros(len(ids)),
    )
    return held_by(table, territory=table.territory, rep=table.rep, bases=bases(), travel=travel())


def placed_accounts(
    model: TerritoryModel | None, day: dt.date, user: Person | None = None
) -> QuerySet[Account]:
    """The active accounts that a person may see; `placed` is the placement of each that gives its owner."""
    of_the_owner = Q(placements__model=model, placements__role=None, placements__days__contains=day)
    rows = accounts_visible_to(user).filter(is_active=True).select_related(None)
    return rows.annotate(placed=FilteredRelation("placements", condition=of_the_owner)).order_by("pk")


def owners_of(territories: set[int], day: dt.date) -> dict[int, int]:
    """territory → the rep who owns its accounts on a day, primary keys."""
    rows = TerritoryRep.objects.filter(
        territory__in=territories, role__kind=RoleKind.OWNER, days__contains=day
    )
    return dict(rows.order_by().values_list("territory_id", "rep_id"))


def bases() -> Bases:
    """Where every rep starts from, as far as that is known."""
    known = RepBase.objects.filter(latitude__isnull=False, longitude__isnull=False).order_by()
    rows: Any = known.values_list("rep_id", "latitude", "longitude")
    return Bases({rep: (latitude, longitude) for rep, latitude, longitude in rows})


def travel() -> Travel:
    """How reps travel, by the company's settings."""
    return Travel(
        speed=float(company.value("travel_speed")),
        detour=1 + float(company.value("travel_detour")) / 100,
        calls_a_trip=float(company.value("calls_a_trip")),
    )


def year_up_to(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the year whose revenue is shown on a day."""
    last = min(day, timezone.localdate())
    before = last.replace(year=last.year - 1, day=28 if (last.month, last.day) == (2, 29) else last.day)
    return before + dt.timedelta(days=1), last


def revenue_of(ids: Any, day: dt.date, user: Person | None = None) -> Floats:
    """(accounts,): sales less returns of the year up to a day, in base currency. A company that has no
    sales by account at all is measured by the deals it won."""
    first, last = year_up_to(day)
    found = _sales(user, first, last) or _won(user, first, last)
    return np.array([found.get(account, 0.0) for account in ids], dtype=np.float64)


def _sales(user: Person | None, first: dt.date, last: dt.date) -> dict[int, float]:
    """account → net revenue. Base currency is one sum an account; other currencies are summed by month,
    because their rate is that of the month. Months without a rate count nothing."""
    foreign = Case(
        When(currency=base_currency(), then=Value(None, output_field=DateField())),
        default=Cast(TruncMonth("day"), DateField()),
    )
    lines = lines_visible_to(user).filter(day__range=(first, last), account__isnull=False)
    sums = (
        lines.select_related(None)
        .order_by()
        .values("account_id", "kind", "currency", month=foreign)
        .annotate(total=Sum("revenue"))
    )
    rates = _rates(first, last)
    found: dict[int, float] = {}
    for account, kind, currency, month, total in sums.values_list(
        "account_id", "kind", "currency", "month", "total"
    ):
        rate = 1.0 if month is None else rates.get((currency, month), 0.0)
        signed = -rate if kind == LineKind.RETURN else rate
        found[account] = found.get(account, 0.0) + signed * float(total)
    return found


def _rates(first: dt.date, last: dt.date) -> dict[tuple[str, dt.date], float]:
    rows = MonthRate.objects.filter(month__range=(first.replace(day=1), last)).order_by()
    return {
        (code, month): float(rate) for code, month, rate in rows.values_list("currency_id", "month", "rate")
    }


def _won(user: Person | None, first: dt.date, last: dt.date) -> dict[int, float]:
    deals = won_deals(user, first, last).filter(account__isnull=False).order_by()
    sums = deals.values_list("account_id").annotate(total=Sum(F("base_amount"), output_field=MONEY))
    return {account: float(total or 0) for account, total in sums}


def _reps_of(territories: Any, day: dt.date) -> Ints:
    owners = owners_of({one for one in territories if one is not None}, day)
    return np.array([owners.get(one, NOBODY) for one in territories], dtype=np.int64)


def _keys(column: Any) -> Ints:
    return np.array([NOBODY if key is None else key for key in column], dtype=np.int64)


def _floats(column: Any, missing: float = 0.0) -> Floats:
    return np.array([missing if value is None else value for value in column], dtype=np.float64)
