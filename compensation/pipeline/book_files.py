"""PEOPLE.csv, QUOTAS.csv, SCORES.csv and the deals → a book (docs/files.md)."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from catalog.engine.months import months_apart, months_from
from compensation.engine.book import NOBODY, Book, People
from compensation.engine.exact import TICKS
from compensation.engine.plan import MONTHS, Period, Plan
from compensation.engine.terms import presence, ramped, season
from compensation.pipeline.deal_files import credits_of, day_of, decimal_of, read_deals
from territories.engine.quotas.wholes import rounded
from territories.pipeline.tables import Faults, Row, Table, read_table

PERIODS = "write 2026, 2026-H1, 2026-Q1 or 2026-03"
YEAR = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})))?")


@dataclass(frozen=True)
class Paths:
    """Where the files are; only deals must be there."""

    deals: Path
    people: Path | None = None
    quotas: Path | None = None
    scores: Path | None = None


@dataclass(frozen=True)
class Loaded:
    """The book, its first month, and how many months of it are due."""

    book: Book
    first: dt.date
    through: int


@dataclass(frozen=True)
class Worker:
    """A row of PEOPLE.csv. begins, ends: the days on the plan, both included."""

    name: str
    target: Decimal | None
    team: str
    role: str
    manager: str
    begins: dt.date | None
    ends: dt.date | None


def read_book(plan: Plan, paths: Paths, until: dt.date | None = None) -> Loaded:
    """The book. until: the last month that is due. Raises BadTable with a sentence for every bad row."""
    faults = Faults()
    deals = read_deals(read_table(paths.deals, faults), plan)
    workers = _workers(read_table(paths.people, faults) if paths.people else None, [d.person for d in deals])
    faults.raise_any()
    for row in deals:
        if row.person not in workers:
            row.row.fault(f"{row.person} is not among the people.")
    quotas = _quota_rows(read_table(paths.quotas, faults), plan, workers) if paths.quotas else []
    scores = _score_rows(read_table(paths.scores, faults), plan, workers) if paths.scores else []
    faults.raise_any()
    days = [row.day for row in deals] + [q.first for q in quotas] + [one[3] for one in scores]
    first, months = _span(plan, days, until)
    people = _people(plan, list(workers.values()), first, months)
    credits = credits_of(deals, people.ids, first, plan)
    faults.raise_any()
    book = Book(
        credits=credits,
        people=people,
        months=months,
        quotas=_quotas(plan, list(workers.values()), quotas, first, months),
        scores={(c, o, people.ids.index(p), months_apart(first, m)): v for p, c, o, m, v in scores},
    )
    last = until or max(row.day for row in deals)
    return Loaded(book, first, _through(plan, months_apart(first, last.replace(day=1)), until))


def _through(plan: Plan, last: int, until: dt.date | None) -> int:
    """How many months are due: to the end of the longest period that the last deal lies in."""
    if until is not None:
        return last + 1
    length = max(MONTHS.get(component.period, 1) for component in plan.components)
    return (last // length + 1) * length


def _span(plan: Plan, days: list[dt.date], until: dt.date | None) -> tuple[dt.date, int]:
    """(first month, how many): whole years of the plan."""
    earliest, latest = min(days), max([*days, *([until] if until else [])])
    year = earliest.year - (earliest.month < plan.year_begins)
    first = dt.date(year, plan.year_begins, 1)
    return first, (months_apart(first, latest.replace(day=1)) // 12 + 1) * 12


def _workers(table: Table | None, credited: list[str]) -> dict[str, Worker]:
    if table is None:
        return {name: Worker(name, None, "", "", "", None, None) for name in sorted(set(credited))}
    table.need("person")
    return {name: _worker(name, row) for name, row in table.keyed("person").items()}


def _worker(name: str, row: Row) -> Worker:
    return Worker(
        name=name,
        target=decimal_of(row, "target_incentive") if row.text("target_incentive") else None,
        team=row.text("team"),
        role=row.text("role"),
        manager=row.text("manager"),
        begins=day_of(row, "from") if row.text("from") else None,
        ends=day_of(row, "to") if row.text("to") else None,
    )


def _people(plan: Plan, workers: list[Worker], first: dt.date, months: int) -> People:
    names = [worker.name for worker in workers]
    target = np.empty((len(workers), months), dtype=object)
    here = np.zeros((len(workers), months), bool)
    for place, worker in enumerate(workers):
        yearly = Fraction(plan.target_incentive if worker.target is None else worker.target)
        for month, day in enumerate(months_from(first, months)):
            there = presence(plan.quota, day, worker.begins, worker.ends)
            here[place, month] = _overlaps(worker, day)
            target[place, month] = yearly / 12 * there
    return People(
        ids=tuple(names),
        team=tuple(worker.team for worker in workers),
        role=tuple(worker.role for worker in workers),
        manager=np.array([names.index(w.manager) if w.manager in names else NOBODY for w in workers]),
        target=target,
        here=here,
    )


def _overlaps(worker: Worker, month: dt.date) -> bool:
    ends = worker.ends is None or worker.ends >= month
    begins = worker.begins is None or worker.begins.replace(day=1) <= month
    return ends and begins


@dataclass(frozen=True)
class QuotaRow:
    """A row of QUOTAS.csv: an amount for the months from `first` on. components: codes."""

    person: str
    components: tuple[str, ...]
    first: dt.date
    months: int
    amount: Decimal


def _quota_rows(table: Table, plan: Plan, workers: dict[str, Worker]) -> list[QuotaRow]:
    table.need("person", "period", "amount")
    found = []
    for row in table.rows:
        said = row.text("component")
        if row.text("person") not in workers:
            row.fault(f"the person {row.text('person')} is not among the people.")
        codes = tuple(component.code for component in plan.components)
        if said and said not in codes:
            row.fault(f"“{said}” is no component of the plan. Known: {', '.join(codes)}.")
        first, months = period_of(row, plan)
        components = (said,) if said else codes
        found.append(QuotaRow(row.text("person"), components, first, months, decimal_of(row, "amount")))
    return found


def period_of(row: Row, plan: Plan) -> tuple[dt.date, int]:
    """(first month, how many) of the row's period; notes a fault for what is none."""
    found = read_period(row.text("period"), plan)
    if found is None:
        row.fault(f"period is “{row.text('period')}”; {PERIODS}.")
        return dt.date(2000, 1, 1), 1
    return found


def read_period(text: str, plan: Plan) -> tuple[dt.date, int] | None:
    """(first month, how many) of 2026, 2026-H1, 2026-Q1 or 2026-03, in years of the plan; None for what is
    no period."""
    said = YEAR.fullmatch(text.strip().upper())
    if not said or (said[4] and not 1 <= int(said[4]) <= 12) or int(said[1]) < 1:
        return None
    year, half, quarter, month = said.groups()
    if month:
        return dt.date(int(year), int(month), 1), 1
    kind = Period.HALF if half else Period.QUARTER if quarter else Period.YEAR
    offset = (int(half or quarter or 1) - 1) * MONTHS[kind] + plan.year_begins - 1
    return dt.date(int(year) + offset // 12, offset % 12 + 1, 1), MONTHS[kind]


def _quotas(
    plan: Plan, workers: list[Worker], rows: list[QuotaRow], first: dt.date, months: int
) -> dict[str, np.ndarray]:
    """(people, months) in ticks by component: by season, for the days on the plan, and by ramp."""
    place = {worker.name: number for number, worker in enumerate(workers)}
    found = {component.code: np.zeros((len(workers), months), np.int64) for component in plan.components}
    for row in rows:
        cells = _spread(plan, workers[place[row.person]], row)
        for day, amount in cells.items():
            month = months_apart(first, day)
            for code in row.components if 0 <= month < months else ():
                found[code][place[row.person], month] += int(amount * TICKS)
    return found


def _spread(plan: Plan, worker: Worker, row: QuotaRow) -> dict[dt.date, Decimal]:
    """A quota by month, in the plan's places; the months add up to the rounded whole."""
    days = months_from(row.first, row.months)
    share = season(plan.quota) if row.months == 12 else [Fraction(1, row.months)] * row.months
    exact = {
        day: Fraction(row.amount)
        * part
        * presence(plan.quota, day, worker.begins, worker.ends)
        * ramped(plan.quota.ramp, worker.begins, day)
        for day, part in zip(days, share, strict=True)
    }
    step = Decimal(1).scaleb(-plan.places)
    total = sum(exact.values(), Fraction(0))
    whole = step * int((total / Fraction(step) * 2 + 1) // 2)
    return rounded(exact, whole, step)


def _score_rows(
    table: Table, plan: Plan, workers: dict[str, Worker]
) -> list[tuple[str, str, str, dt.date, Decimal]]:
    """(person, component, objective, last month of the period, achievement)."""
    table.need("person", "component", "objective", "period", "achieved")
    found = []
    for row in table.rows:
        if row.text("person") not in workers:
            row.fault(f"the person {row.text('person')} is not among the people.")
        component = next((c for c in plan.components if c.code == row.text("component")), None)
        known = [objective.code for objective in component.objectives] if component else []
        if row.text("objective") not in known:
            row.fault(
                f"“{row.text('objective')}” is no objective of {row.text('component') or 'a component'}."
            )
        first, months = period_of(row, plan)
        last = months_from(first, months)[-1]
        found.append(
            (
                row.text("person"),
                row.text("component"),
                row.text("objective"),
                last,
                decimal_of(row, "achieved"),
            )
        )
    return found
