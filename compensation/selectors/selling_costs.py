"""What selling costs: approved pay against bookings and revenue, by month, plan, component, team and role.

Cost is what people earned, with deltas and adjustments; draws and holds only move when it is paid. All in
base currency at the rates of the pay's month.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from catalog.engine.months import add_months, months_between
from catalog.models import MonthRate
from catalog.selectors.rates import base_currency
from compensation.models import (
    Basis,
    Credit,
    CreditKind,
    LineKind,
    PayLine,
    Position,
    Statement,
    StatementAdjustment,
    StatementPart,
)
from compensation.selectors.scope import SHOWN_TO_SELLERS
from core.models import Person
from core.roles import can
from crm.models import TeamMembership
from crm.selectors.bookings import won_deals
from gathering.selectors.facts import monthly_sales

ZERO = Decimal(0)
ADJUSTMENTS = "Adjustments"
NOBODY = "Without"
RepMonth = tuple[int, dt.date]


@dataclass(frozen=True)
class Cost:
    """Pay of a group and what it is measured by: bookings (of the group's own direct credits), and of a month
    also revenue. None where there is nothing to measure by."""

    label: str
    pay: Decimal
    bookings: Decimal | None = None
    revenue: Decimal | None = None

    @property
    def of_bookings(self) -> Decimal | None:
        """None without approved pay: 0 % would say that selling cost nothing."""
        return self.pay / self.bookings if self.pay and self.bookings else None

    @property
    def of_revenue(self) -> Decimal | None:
        """Pay as a share of revenue; None without either."""
        return self.pay / self.revenue if self.pay and self.revenue else None


@dataclass(frozen=True)
class ComponentCost:
    """Pay of a component. measured: the amounts that its rates were applied to, None where it pays by levels
    or units. share: of all pay."""

    plan: str
    name: str
    pay: Decimal
    measured: Decimal | None
    share: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        """The effective rate: pay for each unit of money that was measured."""
        return self.pay / self.measured if self.measured else None


@dataclass(frozen=True)
class Mix:
    """Fixed and variable pay of a role in the months that were paid."""

    role: str
    fixed: Decimal
    variable: Decimal

    @property
    def variable_share(self) -> Decimal | None:
        """Variable pay as a share of all pay; None without any."""
        whole = self.fixed + self.variable
        return self.variable / whole if whole else None


@dataclass(frozen=True)
class SellingCosts:
    """months without approved pay are there with pay 0. no_rate: months and currencies left out."""

    currency: str
    total: Cost
    months: list[Cost]
    by_plan: list[Cost]
    by_team: list[Cost]
    by_role: list[Cost]
    components: list[ComponentCost]
    mix: list[Mix]
    no_rate: list[str]


@dataclass(frozen=True)
class _Paid:
    """Pay in base currency of a rep's component in a month."""

    month: dt.date
    rep: int
    plan: str
    component: str
    pay: Decimal


def selling_costs(user: Person | None, first: dt.date, last: dt.date) -> SellingCosts | None:
    """What selling cost from the month `first` to the month `last`; None for who may not see it."""
    if user is not None and not can(user, "pay.cost"):
        return None
    rates = _Rates(first, last)
    paid = _paid(rates, first, last)
    credited = _credited(first, last)
    teams, roles = _teams(first, last), _roles(first, last)
    months = _by_month(user, paid, first, last)
    return SellingCosts(
        currency=base_currency(),
        total=_total(months),
        months=months,
        by_plan=_by_plan(paid, credited),
        by_team=_grouped(paid, credited, lambda key: teams.on(*key)),
        by_role=_grouped(paid, credited, lambda key: roles.on(*key)),
        components=_components(paid, _measured(rates, first, last)),
        mix=_mix(rates, paid, roles, first, last),
        no_rate=sorted(rates.missing),
    )


class _Rates:
    """Rates into base currency by currency and month, read once; `missing` collects those not entered."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        rows = MonthRate.objects.filter(month__range=(first, last))
        self._known = {(row.currency_id, row.month): row.rate for row in rows}
        self._base = base_currency()
        self.missing: set[str] = set()

    def worth(self, amount: Decimal, currency: str, month: dt.date) -> Decimal:
        """The amount in base currency; 0 where the rate is missing."""
        if currency == self._base:
            return amount
        rate = self._known.get((currency, month))
        if rate is None:
            self.missing.add(f"{currency} in {month:%B %Y}")
            return ZERO
        return amount * rate


class _Dated:
    """A name by rep and day."""

    def __init__(self, rows: Iterable[tuple[int, Any, str]]) -> None:
        self._rows: dict[int, list[tuple[Any, str]]] = defaultdict(list)
        for rep, days, name in rows:
            self._rows[rep].append((days, name))

    def on(self, rep: int, month: dt.date) -> str:
        """The name that held at the month's end, else the last one within it."""
        end = add_months(month, 1) - dt.timedelta(days=1)
        for days, name in self._rows[rep]:
            if (days.lower is None or days.lower <= end) and (days.upper is None or days.upper > month):
                return name
        return NOBODY


def _teams(first: dt.date, last: dt.date) -> _Dated:
    rows = TeamMembership.objects.filter(days__overlap=(first, add_months(last, 1))).order_by("-days")
    return _Dated(rows.values_list("rep", "days", "team__name"))


def _roles(first: dt.date, last: dt.date) -> _Dated:
    rows = Position.objects.filter(days__overlap=(first, add_months(last, 1))).order_by("-days")
    return _Dated(rows.values_list("rep", "days", "role__name"))


def _paid(rates: _Rates, first: dt.date, last: dt.date) -> list[_Paid]:
    inside = {"statement__run__state__in": SHOWN_TO_SELLERS, "statement__run__month__range": (first, last)}
    keys = ("statement__run__month", "statement__rep", "statement__currency")
    parts = StatementPart.objects.filter(**inside).order_by()
    by_hand = StatementAdjustment.objects.filter(**inside).order_by()
    rows: Any = parts.values_list(*keys, "version__plan__name", "name").annotate(
        pay=Sum(F("earned") + F("deltas"))
    )
    found = [_Paid(m, rep, plan, name, rates.worth(pay, code, m)) for m, rep, code, plan, name, pay in rows]
    adjusted: Any = by_hand.values_list(*keys).annotate(pay=Sum("amount"))
    return found + [
        _Paid(m, rep, ADJUSTMENTS, ADJUSTMENTS, rates.worth(pay, code, m)) for m, rep, code, pay in adjusted
    ]


def _credited(first: dt.date, last: dt.date) -> dict[RepMonth, Decimal]:
    """Bookings that are credited directly or by a split, in base currency, by rep and month."""
    rows = Credit.objects.filter(
        is_gone=False,
        basis=Basis.BOOKINGS,
        kind__in=[CreditKind.DIRECT, CreditKind.SPLIT],
        day__gte=first,
        day__lt=add_months(last, 1),
    )
    sums: Any = rows.order_by().values_list("rep", TruncMonth("day")).annotate(total=Sum("amount"))
    return {(rep, month): total for rep, month, total in sums}


def _by_month(user: Person | None, paid: list[_Paid], first: dt.date, last: dt.date) -> list[Cost]:
    pay: dict[dt.date, Decimal] = defaultdict(Decimal)
    for row in paid:
        pay[row.month] += row.pay
    until = add_months(last, 1) - dt.timedelta(days=1)
    deals: Any = won_deals(user, first, until).order_by().values_list(TruncMonth("closed"))
    booked = dict(deals.annotate(total=Sum("base_amount")))
    sold = {row["month"]: row["revenue"] for row in monthly_sales(user, first, last)}
    return [
        Cost(f"{month:%Y-%m}", pay[month], booked.get(month) or ZERO, sold.get(month) or ZERO)
        for month in months_between(first, last)
    ]


def _total(months: list[Cost]) -> Cost:
    """Of the months with approved pay: bookings of months that are not paid yet would hide what it costs."""
    paid = [one for one in months if one.pay]
    return Cost(
        "All",
        sum((one.pay for one in paid), ZERO),
        sum((one.bookings or ZERO for one in paid), ZERO),
        sum((one.revenue or ZERO for one in paid), ZERO),
    )


def _by_plan(paid: list[_Paid], credited: dict[RepMonth, Decimal]) -> list[Cost]:
    """Bookings of a plan are those of the reps whom it paid in the month."""
    reps: dict[str, set[RepMonth]] = defaultdict(set)
    pay: dict[str, Decimal] = defaultdict(Decimal)
    for row in paid:
        pay[row.plan] += row.pay
        if row.plan != ADJUSTMENTS:
            reps[row.plan].add((row.rep, row.month))
    return _costs({plan: (pay[plan], _sum_of(credited, reps[plan])) for plan in pay})


def _grouped(
    paid: list[_Paid], credited: dict[RepMonth, Decimal], group: Callable[[RepMonth], str]
) -> list[Cost]:
    pay: dict[str, Decimal] = defaultdict(Decimal)
    members: dict[str, set[RepMonth]] = defaultdict(set)
    for row in paid:
        label = group((row.rep, row.month))
        pay[label] += row.pay
        members[label].add((row.rep, row.month))
    return _costs({label: (pay[label], _sum_of(credited, members[label])) for label in pay})


def _sum_of(credited: dict[RepMonth, Decimal], keys: Iterable[RepMonth]) -> Decimal:
    return sum((credited.get(key, ZERO) for key in keys), ZERO)


def _costs(found: dict[str, tuple[Decimal, Decimal]]) -> list[Cost]:
    rows = [Cost(label, pay, booked or None) for label, (pay, booked) in found.items()]
    return sorted(rows, key=lambda one: (-one.pay, one.label))


def _measured(rates: _Rates, first: dt.date, last: dt.date) -> dict[tuple[str, str], Decimal]:
    """The money that rates were applied to, by plan and component, in base currency."""
    lines = PayLine.objects.filter(
        kind=LineKind.EARNED,
        credit__isnull=False,
        rate__gt=0,
        rate__lte=1,  # above it the rate is money for a unit, not a share of money
        statement__run__state__in=SHOWN_TO_SELLERS,
        statement__run__month__range=(first, last),
    )
    keys = ("part__version__plan__name", "part__name", "statement__currency", "statement__run__month")
    sums: Any = lines.order_by().values_list(*keys).annotate(total=Sum("amount"))
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for plan, name, currency, month, total in sums:
        found[plan, name] += rates.worth(total, currency, month)
    return found


def _components(paid: list[_Paid], measured: dict[tuple[str, str], Decimal]) -> list[ComponentCost]:
    pay: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in paid:
        pay[row.plan, row.component] += row.pay
    whole = sum(pay.values(), ZERO)
    rows = [
        ComponentCost(*key, amount, measured.get(key) or None, amount / whole if whole else None)
        for key, amount in pay.items()
        if amount
    ]
    return sorted(rows, key=lambda one: (-one.pay, one.plan, one.name))


def _mix(rates: _Rates, paid: list[_Paid], roles: _Dated, first: dt.date, last: dt.date) -> list[Mix]:
    variable: dict[str, Decimal] = defaultdict(Decimal)
    for row in paid:
        variable[roles.on(row.rep, row.month)] += row.pay
    fixed = _fixed(rates, roles, first, last)
    return [Mix(role, round(fixed[role], 2), variable[role]) for role in sorted({*variable, *fixed})]


def _fixed(rates: _Rates, roles: _Dated, first: dt.date, last: dt.date) -> dict[str, Decimal]:
    """A twelfth of the yearly fixed pay for each month with a statement, in the statement's currency."""
    salaries: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    rows = Position.objects.filter(base_salary__isnull=False, days__overlap=(first, add_months(last, 1)))
    for rep, days, salary in rows.order_by("-days").values_list("rep", "days", "base_salary"):
        salaries[rep].append((days, salary))
    found: dict[str, Decimal] = defaultdict(Decimal)
    seen: set[RepMonth] = set()
    sheets = Statement.objects.filter(run__state__in=SHOWN_TO_SELLERS, run__month__range=(first, last))
    for rep, month, currency in sheets.order_by("pk").values_list("rep", "run__month", "currency"):
        salary = next((amount for days, amount in salaries[rep] if _holds(days, month)), ZERO)
        if (rep, month) not in seen:
            found[roles.on(rep, month)] += rates.worth(salary / 12, currency, month)
        seen.add((rep, month))
    return found


def _holds(days: Any, month: dt.date) -> bool:
    end = add_months(month, 1) - dt.timedelta(days=1)
    return (days.lower is None or days.lower <= end) and (days.upper is None or days.upper > month)
