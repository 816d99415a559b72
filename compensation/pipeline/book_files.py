"""The files of people, quotas, scores and deals → a book (docs/files.md)."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from catalog.engine.months import months_apart, months_from
from compensation.engine.book import Book, People
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import MONTHS, Against, Period, Plan
from compensation.engine.plan_asking import asked_by
from compensation.engine.plan_checks import TIERED
from compensation.engine.terms import ramped, season, spread
from compensation.pipeline.deal_cells import decimal_of
from compensation.pipeline.deal_files import columns_of, credits_of, read_deals, said_again
from compensation.pipeline.people_files import Worker, on_their_days, people_of, workers_of
from compensation.pipeline.plan_quotas import presences
from compensation.pipeline.rate_files import read_rates
from territories.pipeline.tables import BadTable, Faults, Row, Table, read_table

PERIODS = "write 2026, 2026-H1, 2026-Q1 or 2026-03"
YEAR = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})))?")


@dataclass(frozen=True)
class Paths:
    """Where the files are; only deals must be there. money: columns of the deals that are exchanged by the
    rates, besides amount and margin."""

    deals: Path
    people: Path | None = None
    quotas: Path | None = None
    scores: Path | None = None
    rates: Path | None = None
    money: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """The book, its first month, how many months of it are due, and sentences about what did not count."""

    book: Book
    first: dt.date
    through: int
    notes: tuple[str, ...] = ()


def read_book(plan: Plan, paths: Paths, until: dt.date | None = None) -> Loaded:
    """The book. until: the last month that is due. Raises BadTable with a sentence for every bad row."""
    faults = Faults()
    if paths.money and not paths.rates:
        raise BadTable("--money names what is exchanged by rates: add --rates.")
    exchange = read_rates(read_table(paths.rates, faults), plan, paths.money) if paths.rates else None
    deals = read_deals(read_table(paths.deals, faults, needs_rows=paths.people is None), plan, exchange)
    workers = workers_of(
        read_table(paths.people, faults) if paths.people else None, [d.person for d in deals]
    )
    faults.raise_any()
    for row in deals:
        if row.person not in workers:
            row.row.fault(f"{row.person} is not among the people.")
    quotas = _quota_rows(read_table(paths.quotas, faults), plan, workers) if paths.quotas else []
    scores = _score_rows(read_table(paths.scores, faults), plan, workers) if paths.scores else []
    faults.raise_any()
    last = until or max([*(row.day for row in deals), *(one[3] for one in scores)], default=None)
    if last is None:
        raise BadTable(
            f"{paths.deals.name} has no rows, so say what to pay: --periods 2026-Q1 or --through 2026-03."
        )
    days = [row.day for row in deals] + [q.first for q in quotas] + [one[3] for one in scores] + [last]
    first, months = _span(plan, days)
    again, read, deals = said_again(deals), len(deals), on_their_days(deals, workers)
    people = people_of(plan, list(workers.values()), first, months)
    credits = credits_of(deals, people.ids, first, plan)
    faults.raise_any()
    book = Book(
        credits=credits,
        people=people,
        months=months,
        quotas=_quotas(plan, list(workers.values()), quotas, people, first, months),
        scores={(c, o, people.ids.index(p), months_apart(first, m)): v for p, c, o, m, v in scores},
    )
    notes = [*again, *_off_plan(read - len(deals)), *_without_quota(plan, book, quotas, faults)]
    notes += exchange.notes((row.row for row in deals), columns_of(plan).numbers) if exchange else []
    faults.raise_any()
    return Loaded(book, first, _through(plan, months_apart(first, last.replace(day=1)), until), tuple(notes))


def _through(plan: Plan, last: int, until: dt.date | None) -> int:
    """How many months are due: to the end of the longest period that the last deal lies in."""
    if until is not None:
        return last + 1
    length = max(MONTHS.get(component.period, 1) for component in plan.components)
    return (last // length + 1) * length


def _span(plan: Plan, days: list[dt.date]) -> tuple[dt.date, int]:
    """(first month, how many): whole years of the plan."""
    earliest, latest = min(days), max(days)
    year = earliest.year - (earliest.month < plan.year_begins)
    first = dt.date(year, plan.year_begins, 1)
    return first, (months_apart(first, latest.replace(day=1)) // 12 + 1) * 12


@dataclass(frozen=True)
class QuotaRow:
    """A row of QUOTAS.csv: an amount for the months from `first` on. component: a code, "" for all."""

    person: str
    component: str
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
        if any(said == component.code and component.measure.per for component in plan.components):
            row.fault(f"“{said}” is a ratio and has no quota. Delete the row.")
        first, months = period_of(row, plan)
        amount = decimal_of(row, "amount")
        if amount < 0:
            row.fault(f"amount is {amount}; a quota is 0 or more.")
        found.append(QuotaRow(row.text("person"), said, first, months, amount))
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
    plan: Plan, workers: list[Worker], rows: list[QuotaRow], people: People, first: dt.date, months: int
) -> dict[str, Ints]:
    """(people, months) in ticks by component: by season, for the days on the plan, and by ramp. What others
    bring is measured by the sum of their quotas, unless somebody has one of just that component."""
    exact = _monthly(plan, workers, [row for row in rows if row.component], first, months)
    general = _monthly(plan, workers, [row for row in rows if not row.component], first, months)[""]
    found, named = {}, _named(rows)
    for component in plan.components:
        own = exact.get(component.code, np.zeros_like(general))
        others = np.array(
            [general[members].sum(axis=0) for _, members in people.counting_for(component.measure.whose)]
        )
        has = np.array([(worker.name, component.code) in named for worker in workers])
        found[component.code] = np.where(has[:, None], own, others)
    return found


def _named(rows: list[QuotaRow]) -> set[tuple[str, str]]:
    return {(row.person, row.component) for row in rows}


def _monthly(
    plan: Plan, workers: list[Worker], rows: list[QuotaRow], first: dt.date, months: int
) -> dict[str, Ints]:
    """(people, months) in ticks by component, "" for all of them."""
    place = {worker.name: number for number, worker in enumerate(workers)}
    found: dict[str, Ints] = {"": np.zeros((len(workers), months), np.int64)}
    for row in rows:
        cells = found.setdefault(row.component, np.zeros((len(workers), months), np.int64))
        for day, amount in _spread(plan, workers[place[row.person]], row).items():
            month = months_apart(first, day)
            if 0 <= month < months:
                cells[place[row.person], month] += int(amount * TICKS)
    return found


def _asked(plan: Plan) -> set[str]:
    """The components whose attainment of a quota the plan asks for."""
    found = {one.code for one in plan.components if one.against is Against.QUOTA}
    asked = [by for component in plan.components for by, _ in asked_by(component)]
    found |= {by.component for by in asked if by.against is Against.QUOTA}
    return {code for code in found if not plan.component(code).measure.per}


def _off_plan(rows: int) -> Iterator[str]:
    if rows:
        yield f"{rows} rows of the deals do not count: the person was not on the plan that day."


def _without_quota(plan: Plan, book: Book, rows: list[QuotaRow], faults: Faults) -> Iterator[str]:
    """A sentence for everybody with credits who has no quota that the plan asks for; a fault where tiers
    would then pay the highest rate."""
    asked, named, ids = _asked(plan), _named(rows), book.people.ids
    credited = np.isin(np.arange(len(ids)), book.credits.person)
    has_general = np.array([(name, "") in named for name in ids], bool)
    for component in (one for one in plan.components if one.code in asked):
        for place, members in book.people.counting_for(component.measure.whose):
            if not credited[members].any() or has_general[members].any():
                continue
            if (ids[place], component.code) in named:
                continue
            says = f"{ids[place]} has no quota for the component {component.code}"
            if component.form in TIERED and component.against is Against.QUOTA:
                faults.sentences.append(f"{says}: its tiers are shares of one. Add it to --quotas.")
            else:
                yield f"{says}: its attainment counts as 0 %."


def _spread(plan: Plan, worker: Worker, row: QuotaRow) -> dict[dt.date, Decimal]:
    """A quota by month, in the plan's places."""
    days = months_from(row.first, row.months)
    share = season(plan.quota) if row.months == 12 else [Fraction(1, row.months)] * row.months
    exact = {
        day: Fraction(row.amount)
        * part
        * sum((share for _, share in presences(plan.quota, day, worker.spans)), Fraction(0))
        * ramped(plan.quota.ramp, worker.begins, day)
        for day, part in zip(days, share, strict=True)
    }
    return spread(exact, plan.places)


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
