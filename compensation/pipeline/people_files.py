"""PEOPLE.csv → who is on the plan on which days, with which target (docs/files.md)."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from catalog.engine.months import months_from
from compensation.engine.book import NOBODY, People
from compensation.engine.plan import Plan
from compensation.pipeline.deal_cells import day_of, decimal_of
from compensation.pipeline.deal_files import DealRow
from compensation.pipeline.plan_quotas import presences
from compensation.selectors.members import Span
from territories.pipeline.tables import Row, Table


@dataclass(frozen=True)
class Worker:
    """A person: what the last row says, and the days on the plan of every row, in order."""

    name: str
    team: str = ""
    role: str = ""
    manager: str = ""
    spans: tuple[Span, ...] = (Span(None, None, None),)

    @property
    def begins(self) -> dt.date | None:
        """The first day on the plan, None for always."""
        return self.spans[0].first

    def is_there(self, day: dt.date) -> bool:
        """Whether the person is on the plan on a day."""
        return any(span.holds(day) for span in self.spans)


def workers_of(table: Table | None, credited: list[str]) -> dict[str, Worker]:
    """By name; without a file everybody who is credited, always. Notes a fault for days that overlap."""
    if table is None:
        return {name: Worker(name) for name in sorted(set(credited))}
    table.need("person")
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        if not row.text("person"):
            row.fault("person is empty.")
        rows.setdefault(row.text("person"), []).append(row)
    return {name: _worker(name, some) for name, some in rows.items()}


def _worker(name: str, rows: list[Row]) -> Worker:
    dated = sorted(((_stay(row), row) for row in rows), key=lambda one: one[0].first or dt.date.min)
    for (before, earlier), (after, row) in pairwise(dated):
        if before.last is None or after.first is None or after.first <= before.last:
            row.fault(
                f"person {name} stands in line {earlier.line} already, for the same days. Keep one of them."
            )
    last = dated[-1][1]
    return Worker(
        name, last.text("team"), last.text("role"), last.text("manager"), tuple(stay for stay, _ in dated)
    )


def _stay(row: Row) -> Span:
    target = decimal_of(row, "target_incentive") if row.text("target_incentive") else None
    first, last = (day_of(row, name) if row.text(name) else None for name in ("from", "to"))
    if first and last and last < first:
        row.fault(f"to is {last}, before from, {first}.")
    return Span(first, last, target)


def on_their_days(deals: list[DealRow], workers: dict[str, Worker]) -> list[DealRow]:
    """Without credits on days when the person was not on the plan; what takes one back goes with it."""
    off = {
        (row.person, row.deal)
        for row in deals
        if not row.reverses and not workers[row.person].is_there(row.day)
    }
    return [row for row in deals if (row.person, row.reverses or row.deal) not in off]


def people_of(plan: Plan, workers: list[Worker], first: dt.date, months: int) -> People:
    """The people of a book that begins with a month."""
    names = [worker.name for worker in workers]
    target = np.empty((len(workers), months), dtype=object)
    here = np.zeros((len(workers), months), bool)
    for place, worker in enumerate(workers):
        for month, day in enumerate(months_from(first, months)):
            here[place, month] = any(_touches(span, day) for span in worker.spans)
            target[place, month] = _target(plan, worker, day)
    return People(
        ids=tuple(names),
        team=tuple(worker.team for worker in workers),
        role=tuple(worker.role for worker in workers),
        manager=np.array(
            [names.index(w.manager) if w.manager in names else NOBODY for w in workers], np.int64
        ),
        target=target,
        here=here,
    )


def _target(plan: Plan, worker: Worker, month: dt.date) -> Fraction:
    """The month's variable pay at 100 %, for the days on the plan."""
    shares = presences(plan.quota, month, worker.spans)
    yearly = (
        (plan.target_incentive if span.target is None else span.target, share) for span, share in shares
    )
    return sum((Fraction(target) / 12 * share for target, share in yearly), Fraction(0))


def _touches(span: Span, month: dt.date) -> bool:
    ends = span.last is None or span.last >= month
    return ends and (span.first is None or span.first.replace(day=1) <= month)
