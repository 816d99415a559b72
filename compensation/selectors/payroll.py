"""What payroll needs of a closed month, and what is earned but not paid yet."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Sum

from compensation.models import CLOSED, HeldPay, PayRun, RunState, Statement, StatementPart
from compensation.selectors.runs import months_visible_to
from compensation.selectors.scope import sees_all_pay
from core.models import Person

NOTHING, CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True)
class PayrollRow:
    """A person's pay of a closed month in one currency, and the parts that add up to it."""

    code: str
    name: str
    currency: str
    earned: Decimal
    deltas: Decimal
    adjustments: Decimal
    advanced: Decimal
    kept_back: Decimal
    released: Decimal
    held: Decimal
    pay: Decimal
    month: dt.date
    run: str


def payroll_rows(user: Person | None, run: PayRun) -> list[PayrollRow]:
    """Everybody on a run, by code."""
    if not sees_all_pay(user):
        return []
    rows = Statement.objects.filter(run=run).select_related("rep").order_by("rep__code", "currency")
    return [
        PayrollRow(
            code=row.rep.code,
            name=row.rep.name,
            currency=row.currency_id,
            **{name: _in_cents(getattr(row, name)) for name in PARTS},
            month=run.month,
            run=str(run),
        )
        for row in rows
    ]


def _in_cents(amount: Decimal) -> Decimal:
    """With two places, as payroll reads money; with more only where a plan pays in them."""
    cents = amount.quantize(CENT)
    return cents if cents == amount else amount


PARTS = ("earned", "deltas", "adjustments", "advanced", "kept_back", "released", "held", "pay")


@dataclass(frozen=True)
class AccrualRow:
    """What a component earned in a month, or a hold or draw left open, that no closed run paid. why: open
    month, held, or owed by a draw (negative: the company's claim)."""

    month: dt.date
    plan: str
    component: str
    why: str
    currency: str
    amount: Decimal


@dataclass
class Accrual:
    """rows: biggest months last. by_currency: their sum. open_months: months whose run is not locked."""

    rows: list[AccrualRow] = field(default_factory=list)
    open_months: list[dt.date] = field(default_factory=list)

    @property
    def by_currency(self) -> dict[str, Decimal]:
        """What is owed in each currency."""
        sums: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        for row in self.rows:
            sums[row.currency] += row.amount
        return dict(sums)


def accrual_of(user: Person | None, last: dt.date, count: int) -> Accrual:
    """What is earned but not paid at the end of a month: by component in open months, then held pay, and what
    draws advanced. months: as calculated by the newest run of each."""
    found = Accrual()
    if not sees_all_pay(user):
        return found
    states = months_visible_to(user, last, count)
    for state in sorted(states, key=lambda one: one.month):
        if state.run is None or state.run.state in CLOSED:
            continue
        found.open_months.append(state.month)
        found.rows += _components(state.run)
        found.rows += _by_hand(state.run)
    found.rows += _held(last)
    found.rows += _drawn(last)
    return found


def _components(run: PayRun) -> list[AccrualRow]:
    parts = StatementPart.objects.filter(statement__run=run).order_by()
    sums = parts.values_list("version__plan__name", "name", "statement__currency").annotate(
        total=Sum(F("earned") + F("deltas"))
    )
    return [
        AccrualRow(run.month, plan, name, "Open month", currency, total)
        for plan, name, currency, total in sorted(sums)
        if total
    ]


def _by_hand(run: PayRun) -> list[AccrualRow]:
    sums = Statement.objects.filter(run=run).order_by().values_list("currency")
    return [
        AccrualRow(run.month, "", "Adjustments", "Open month", currency, total)
        for currency, total in sums.annotate(total=Sum("adjustments"))
        if total
    ]


def _held(last: dt.date) -> list[AccrualRow]:
    """Pay that holds keep back in closed months, less what was let go."""
    rows = HeldPay.objects.filter(
        statement__run__state__in=CLOSED, statement__run__month__lte=last
    ).order_by()
    sums = rows.values_list("statement__currency").annotate(total=Sum("amount"))
    return [AccrualRow(last, "", "Held pay", "Held", currency, total) for currency, total in sums if total]


def _drawn(last: dt.date) -> list[AccrualRow]:
    """What reps owe of draws after the last closed month: the company's claim, so below 0."""
    run = PayRun.objects.filter(state__in=[RunState.LOCKED, RunState.PAID], month__lte=last)
    newest = run.order_by("-month").first()
    if newest is None:
        return []
    sums = Statement.objects.filter(run=newest).order_by().values_list("currency").annotate(total=Sum("owed"))
    return [
        AccrualRow(newest.month, "", "Draws to be kept back", "Drawn", currency, -total)
        for currency, total in sums
        if total
    ]
