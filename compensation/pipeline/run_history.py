"""What credits that are taken back were really paid by others than the version that takes them back.

A version takes back what the deal was paid, not what its own terms would have paid: what an earlier version,
or an earlier year, paid stands in the lines of closed runs; for the months that a run works out again it is
what comes out now, so that taking back and deltas add up at once.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from django.db import connection
from numpy.typing import NDArray

from catalog.engine.months import months_from
from compensation.engine.book import NOBODY, PaidBefore
from compensation.engine.exact import PARTS, TICKS
from compensation.models import CLOSED, Credit, PayRun, PlanVersion
from compensation.pipeline.books import PlanBook

COLUMNS = ["plan", "currency", "version", "month", "rep", "credit", "component", "tier"]
COLUMNS += ["amount", "rate", "pay"]
WORDS = {"currency", "component"}
STORED = f"""
    SELECT v.plan_id, s.currency_id, p.version_id,
        (EXTRACT(YEAR FROM l.month) * 12 + EXTRACT(MONTH FROM l.month) - 1)::int, s.rep_id, l.credit_id,
        p.component, COALESCE(l.tier, 0) - 1, (SUM(l.amount) * {TICKS})::bigint,
        (MAX(l.rate) * {PARTS})::bigint, (SUM(l.pay) * {TICKS})::bigint
    FROM compensation_payline l
    JOIN compensation_statementpart p ON p.id = l.part_id
    JOIN compensation_planversion v ON v.id = p.version_id
    JOIN compensation_statement s ON s.id = l.statement_id
    JOIN compensation_payrun r ON r.id = s.run_id
    WHERE l.credit_id = ANY(%s) AND r.state = ANY(%s) AND r.month < %s AND NOT l.month = ANY(%s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - the names are ours


@dataclass
class History:
    """lines: COLUMNS, of credits that are taken back; month as its number. settled: the months whose pay is
    known, as numbers: closed ones, and those that are worked out now. seen: what takes a credit back, by the
    plan, currency and month in whose book it was."""

    credits: frozenset[int]
    settled: frozenset[int]
    lines: pd.DataFrame
    seen: set[tuple[int, str, int, int]] = field(default_factory=set)

    def see(self, version: PlanVersion, book: PlanBook, months: Collection[dt.date]) -> None:
        """Remember what takes credits back in the book of a version's months."""
        backs = book.keys[book.book.credits.reverses != NOBODY].tolist() + list(book.orphans)
        plan = version.plan_id
        self.seen |= {(plan, book.currency, _number(month), back) for month in months for back in backs}

    def take(self, version: PlanVersion, lines: pd.DataFrame) -> None:
        """Add what a version pays in months that are worked out now."""
        rows = lines[lines["credit"].isin(self.credits)].assign(plan=version.plan_id)
        if len(rows):
            self.lines = _table([self.lines, rows[COLUMNS]])

    def laid_under(self, book: PlanBook, version: PlanVersion, year: dt.date) -> PlanBook:
        """The book with what others paid. They are whoever paid the months before the year, or when the
        version was not in force."""
        if not self.credits:
            return book
        days = months_from(book.first, book.book.months)
        others = [place for place, day in enumerate(days) if day < year or day not in version.days]
        numbers = {place: _number(days[place]) for place in others}
        months = np.array([place for place in others if numbers[place] in self.settled], np.int64)
        known = [numbers[place] for place in months.tolist()]
        rows = self.lines[
            (self.lines["plan"] == version.plan_id)
            & (self.lines["currency"] == book.currency)
            & self.lines["month"].isin(known)
            & self.lines["rep"].isin(book.reps)
            & self.lines["credit"].isin(book.keys)
        ]
        theirs = np.zeros((len(book.reps), book.book.months), bool)
        theirs[:, months] = True
        return replace(book, book=replace(book.book, paid_before=_paid(rows, book, theirs)))


def history_of(months: Collection[dt.date]) -> History:
    """What was paid before the last of some months, those themselves left out: they are worked out now."""
    last, listed = max(months), list(months)
    backs = Credit.objects.filter(is_gone=False, reverses__isnull=False).order_by()
    credits = sorted({back for back in backs.values_list("reverses", flat=True) if back})
    if not credits:
        return History(frozenset(), frozenset(), _table([]))
    closed = PayRun.objects.filter(state__in=CLOSED, month__lt=last).values_list("month", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(STORED, [credits, list(CLOSED), last, listed])
        found = pd.DataFrame(cursor.fetchall(), columns=COLUMNS)
    settled = frozenset(_number(month) for month in [*closed, *listed])
    return History(frozenset(credits), settled, _table([found]))


def _number(month: dt.date) -> int:
    return month.year * 12 + month.month - 1


def _table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    found = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COLUMNS)
    return found.astype({name: "int64" for name in COLUMNS if name not in WORDS})


def _paid(rows: pd.DataFrame, book: PlanBook, theirs: NDArray[np.bool_]) -> PaidBefore:
    codes = sorted(set(rows["component"]))
    places = {
        "rep": {rep: place for place, rep in enumerate(book.reps)},
        "credit": {key: place for place, key in enumerate(book.keys.tolist())},
        "component": {code: place for place, code in enumerate(codes)},
    }
    placed = {name: rows[name].map(by).to_numpy(np.int64) for name, by in places.items()}
    return PaidBefore(
        theirs=theirs,
        codes=tuple(codes),
        person=placed["rep"],
        credit=placed["credit"],
        component=placed["component"],
        **{name: rows[name].to_numpy(np.int64) for name in ("tier", "amount", "rate", "pay")},
    )
