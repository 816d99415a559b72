"""What plans pay in some months: every version in force, over its year's book, as one table of lines.

Credits and quotas of the plan's whole year count for attainment; of the lines, those of the months in which
the version was in force are taken.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Min

from catalog.engine.months import add_months, months_apart
from compensation.engine.exact import TICKS
from compensation.engine.lines import NONE
from compensation.engine.plan_cells import BadPlan
from compensation.engine.statements import rounded_lines
from compensation.models import Credit, PlanVersion
from compensation.pipeline.books import Part, PlanBook, calculated, plan_book, read_terms
from compensation.pipeline.plan_credits import NoRate
from compensation.pipeline.run_history import History
from core.errors import Reason, Refused

KEY = ["rep", "currency", "version", "component", "month", "credit", "kind", "tier"]
MEASURES = ["amount", "pay"]
COLUMNS = [*KEY, *MEASURES, "rate"]
WHOLE = {name: "int64" for name in COLUMNS if name not in {"currency", "component"}}


@dataclass(frozen=True)
class Share:
    """A version's months of one plan year. first: the year's first month. months: those to work out."""

    version: PlanVersion
    first: dt.date
    months: tuple[dt.date, ...]


@dataclass(frozen=True)
class Worked:
    """A share's book and its parts; `lines` has COLUMNS: month as its number (year × 12 + month − 1), credit
    a primary key (0 without), tier from 0 (−1 without), pay and amount in ticks, rate in 1/100,000,000."""

    share: Share
    book: PlanBook
    parts: tuple[Part, ...]
    lines: pd.DataFrame


def number_of(month: dt.date) -> int:
    """A month as a number that can be counted with."""
    return month.year * 12 + month.month - 1


def month_of(number: int) -> dt.date:
    """The month of such a number."""
    return dt.date(number // 12, number % 12 + 1, 1)


def shares_of(months: Collection[dt.date]) -> list[Share]:
    """Every version in force in one of the months, a share for each of its plan years. Raises Refused for
    terms that cannot be read."""
    wanted = sorted(months)
    rows = PlanVersion.objects.filter(state="approved", days__overlap=(wanted[0], add_months(wanted[-1], 1)))
    found: list[Share] = []
    for version in rows.select_related("plan").order_by("plan__code", "days"):
        inside = [month for month in wanted if month in version.days]
        begins = _year_begins(version) if inside else 1
        firsts = sorted({year_first(month, begins) for month in inside})
        found += [
            Share(version, first, tuple(m for m in inside if year_first(m, begins) == first))
            for first in firsts
        ]
    return found


def year_first(month: dt.date, begins: int) -> dt.date:
    """The first month of the plan year in which a month lies."""
    return add_months(month, -((month.month - begins) % 12))


def _year_begins(version: PlanVersion) -> int:
    try:
        return read_terms(version.terms).year_begins
    except BadPlan as error:
        raise _unreadable(version, error) from error


def _unreadable(version: PlanVersion, error: Exception) -> Refused:
    return Refused(Reason(f"{version} cannot be paid: {error}", "plan_unreadable"))


def worked_out(share: Share, history: History, reps: Collection[int] | None = None) -> Worked:
    """The lines of a share, of everybody or of some reps, which the history takes in. Raises Refused for what
    cannot be worked out."""
    places = [months_apart(share.first, month) for month in share.months]
    try:
        book = history.laid_under(
            plan_book(share.version, share.first, reps=reps), share.version, share.first
        )
        parts = tuple(calculated(book, max(places) + 1))
        tables = [_table(share, book, part, places) for part in parts]
        tables += [_of_earlier_years(share, book, places, history, reps)] if book.orphans else []
    except (BadPlan, NoRate, ValueError, OverflowError, KeyError) as error:
        raise _unreadable(share.version, error) from error
    lines = together(tables)
    history.see(share.version, book, share.months)
    history.take(share.version, lines)
    if reps is not None:
        lines = lines[lines["rep"].isin(list(reps))]
    return Worked(share, book, parts, lines)


def _table(share: Share, book: PlanBook, part: Part, places: Sequence[int]) -> pd.DataFrame:
    """The part's lines in the months, as a table."""
    lines, plan = part.calculation.lines, part.calculation.plan
    units, unit = rounded_lines(part.calculation)
    rows = np.flatnonzero(np.isin(lines.month, places))
    codes = np.array([one.code for one in plan.components], dtype=object)
    reps, keys = np.array(book.reps, np.int64), np.append(book.keys, 0)
    return pd.DataFrame(
        {
            "rep": reps[lines.person[rows]] if len(reps) else lines.person[rows],
            "currency": book.currency,
            "version": share.version.pk,
            "component": codes[lines.component[rows]],
            "month": number_of(book.first) + lines.month[rows],
            "credit": keys[np.where(lines.credit[rows] == NONE, len(keys) - 1, lines.credit[rows])],
            "kind": lines.kind[rows],
            "tier": lines.tier[rows],
            "amount": lines.amount[rows],
            "pay": units[rows] * (TICKS // unit),
            "rate": lines.rate[rows],
        },
        columns=COLUMNS,
    )


def _of_earlier_years(
    share: Share, book: PlanBook, places: Sequence[int], history: History, reps: Collection[int] | None
) -> pd.DataFrame:
    """The lines of credits that take back one of an earlier year: what was paid for them, and where nobody
    knows that, what the year's own book says."""
    months = 12 * _years_back(share, book)
    before = Share(share.version, add_months(share.first, -months), share.months)
    longer = history.laid_under(
        plan_book(share.version, before.first, months + 12, reps=reps), share.version, share.first
    )
    later = [place + months for place in places]
    tables = [_table(before, longer, part, later) for part in calculated(longer, max(later) + 1)]
    lines = together(tables)
    return lines[lines["credit"].isin(list(book.orphans))]


def _years_back(share: Share, book: PlanBook) -> int:
    """How many years before its own the share has to look."""
    rows = Credit.objects.filter(pk__in=book.orphans, reverses__day__lt=share.first)
    day = rows.aggregate(first=Min("reverses__day"))["first"]
    return 1 if day is None else -(months_apart(share.first, day.replace(day=1)) // 12)


def sums_by(lines: pd.DataFrame, names: Sequence[str], of: str = "pay") -> dict[tuple[Any, ...], int]:
    """The sums of a column (ticks) by the values of others."""
    sums = lines.groupby(list(names), sort=False)[of].sum()
    return {tuple(key): int(total) for key, total in zip(sums.index.tolist(), sums.tolist(), strict=True)}


def no_lines() -> pd.DataFrame:
    """A table without rows."""
    return pd.DataFrame(columns=COLUMNS).astype(WHOLE)


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows of some tables of lines."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else no_lines()


def all_worked_out(
    months: Collection[dt.date], history: History, reps: Collection[int] | None = None
) -> Iterator[tuple[int, int, Worked]]:
    """(how many are done, of how many, the share) for every share of some months; the history takes it in."""
    shares = shares_of(months)
    for number, share in enumerate(shares, start=1):
        yield number, len(shares), worked_out(share, history, reps)
