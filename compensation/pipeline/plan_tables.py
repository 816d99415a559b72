"""Files of quotas for pay and of scores → rows. All rows are good, or nothing is stored."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from compensation.engine.plan import Plan
from compensation.models import ObjectiveScore, PayPlan, PlanQuota
from compensation.selectors.plan_quotas import end_of, fault_of_quota, fault_of_score, plan_read_on
from crm.models import Rep
from territories.pipeline.tables import Faults, Row, table_of

MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-01)?")
MOST_MONEY = Decimal(10) ** 13
MOST_REACHED = Decimal(1000)
SPANS = frozenset({"1", "3", "6", "12"})
YEARS = range(1900, 9000)
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Known:
    """What a file may name, by code: the plans and the reps whose pay the person may set."""

    plans: Mapping[str, PayPlan]
    reps: Mapping[str, Rep]


@dataclass(frozen=True)
class Stored:
    """What came of a file."""

    added: int
    changed: int
    unchanged: int


def read_quotas(name: str, data: bytes, known: Known) -> dict[Key, PlanQuota]:
    """The quotas of a file by plan, rep, component, first month, months. Columns: plan, rep, first_month
    (2026-01), months, amount; component and reason where they are. Raises BadTable with a sentence for every
    bad row."""
    return _read(name, data, ("plan", "rep", "first_month", "months", "amount"), Reading(known)._quota)


def read_scores(name: str, data: bytes, known: Known) -> dict[Key, ObjectiveScore]:
    """The scores of a file by plan, rep, component, objective, month. Columns: plan, rep, component,
    objective, month (2026-03), reached (105%); note where it is. Raises BadTable."""
    columns = ("plan", "rep", "component", "objective", "month", "reached")
    return _read(name, data, columns, Reading(known)._score)


def _read(name: str, data: bytes, columns: tuple[str, ...], take: Callable[[Row], Any]) -> dict[Key, Any]:
    faults = Faults()
    table = table_of(name, data, faults, fold=lambda text: text.strip().lower().replace(" ", "_"))
    table.need(*columns)
    found: dict[Key, Any] = {}
    for row in table.rows:
        taken = take(row)
        if taken is None:
            continue
        if key_of(taken) in found:
            row.fault("this stands in an earlier line already. Keep one of them.")
        found[key_of(taken)] = taken
    _refuse_overlaps(found, faults, name)
    faults.raise_any()
    return found


def key_of(row: PlanQuota | ObjectiveScore) -> Key:
    """What a row is about: a file's row with the same key changes it."""
    if isinstance(row, PlanQuota):
        return (row.plan_id, row.rep_id, row.component, row.first_month, row.months)
    return (row.plan_id, row.rep_id, row.component, row.objective, row.month)


def _refuse_overlaps(found: dict[Key, Any], faults: Faults, name: str) -> None:
    """Two quotas of a rep and component in one file must not hold the same month."""
    quotas = sorted((row for row in found.values() if isinstance(row, PlanQuota)), key=key_of)
    for before, after in pairwise(quotas):
        same = key_of(before)[:3] == key_of(after)[:3]
        if same and after.first_month <= end_of(before.first_month, before.months):
            text = f"{name}: {after.rep.code} has two quotas that hold {after.first_month:%B %Y}. Keep one."
            faults.sentences.append(text)


class Reading:
    """Reads rows; remembers each plan's terms by month."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.read: dict[tuple[int, dt.date], Plan | None] = {}

    def _quota(self, row: Row) -> PlanQuota | None:
        plan, rep = self._named(row)
        first, months, amount = _month(row, "first_month"), _span(row), _number(row, "amount", MOST_MONEY, 4)
        if plan is None or rep is None or first is None or months is None or amount is None:
            return None
        said = self._terms(row, plan, end_of(first, months).replace(day=1))
        fault = fault_of_quota(said, row.text("component"), first, months) if said else ""
        if fault:
            row.fault(fault)
        return PlanQuota(
            plan=plan,
            rep=rep,
            component=row.text("component"),
            first_month=first,
            months=months,
            amount=amount,
            reason=row.text("reason")[:500],
        )

    def _score(self, row: Row) -> ObjectiveScore | None:
        plan, rep = self._named(row)
        month, reached = _month(row, "month"), _number(row, "reached", MOST_REACHED, 6)
        if plan is None or rep is None or month is None or reached is None:
            return None
        said = self._terms(row, plan, month)
        fault = fault_of_score(said, row.text("component"), row.text("objective"), month) if said else ""
        if fault:
            row.fault(fault)
        return ObjectiveScore(
            plan=plan,
            rep=rep,
            component=row.text("component"),
            objective=row.text("objective"),
            month=month,
            achieved=reached,
            note=row.text("note")[:500],
        )

    def _named(self, row: Row) -> tuple[PayPlan | None, Rep | None]:
        plan, rep = self.known.plans.get(row.text("plan")), self.known.reps.get(row.text("rep"))
        if plan is None:
            row.fault(f"plan “{row.text('plan')}” is not among the plans. Correct the code.")
        if rep is None:
            row.fault(f"rep “{row.text('rep')}” is not among the reps whose pay you set. Correct the code.")
        return plan, rep

    def _terms(self, row: Row, plan: PayPlan, month: dt.date) -> Plan | None:
        key = (plan.pk, month)
        if key not in self.read:
            self.read[key] = plan_read_on(plan, month)
        if self.read[key] is None:
            row.fault(f"plan {plan.code} has no terms that can be read.")
        return self.read[key]


def _month(row: Row, column: str) -> dt.date | None:
    found = MONTH.fullmatch(row.text(column))
    if found is None or int(found[1]) not in YEARS or not 1 <= int(found[2]) <= 12:
        row.fault(f"{column} is “{row.text(column)}”; write 2026-01.")
        return None
    return dt.date(int(found[1]), int(found[2]), 1)


def _span(row: Row) -> int | None:
    text = row.text("months")
    if text in SPANS:
        return int(text)
    row.fault(f"months is “{text}”; write 1, 3, 6 or 12.")
    return None


def _number(row: Row, column: str, most: Decimal, places: int) -> Decimal | None:
    """A number of 0 or more with so many places as are kept; 105% is 1.05."""
    text = row.text(column)
    try:
        number = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        row.fault(f"{column} is “{text}”; write a number as 1234.50.")
    elif not 0 <= number < most:
        row.fault(f"{column} is {text}; it is 0 or more, and below {most:,.0f}.")
    elif number != round(number, places):
        row.fault(f"{column} is {text}; it has more than {places} places behind the point. Round it.")
    else:
        return number
    return None
