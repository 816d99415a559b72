"""Cancelled deals that no version in force takes back: the one that paid the deal does, in its currency.

The plan has no version in the month of the cancellation, its version there pays in another currency, or the
rep left the plan in an earlier year. What the deal was paid goes back all the same, by the clawback of the
version that paid it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from catalog.engine.months import add_months, months_apart
from compensation.engine.lines import Kind
from compensation.engine.plan import Clawback
from compensation.engine.shares import CENT, Counts, shares
from compensation.engine.taking_back import within
from compensation.models import Credit, PlanVersion
from compensation.pipeline.run_history import History
from compensation.pipeline.run_lines import COLUMNS, WHOLE, no_lines, number_of
from compensation.selectors.plans import read_terms

Paid = list[Any]
"""Lines of one rep, version and component for one credit."""


def unclaimed(
    history: History, months: Collection[dt.date], reps: Collection[int] | None = None
) -> pd.DataFrame:
    """The lines (COLUMNS) of such credits in some months, of everybody or of some reps."""
    if not len(history.lines):
        return no_lines()
    lines = history.lines if reps is None else history.lines[history.lines["rep"].isin(list(reps))]
    paid: dict[int, Paid] = defaultdict(list)
    for line in lines.to_dict("records"):
        paid[int(line["credit"])].append(line)
    backs = [back for back in _backs(months) if back.reverses_id in paid]
    versions = {int(line["version"]) for back in backs for line in paid[back.reverses_id]}
    clawbacks = _clawbacks(versions)
    rows = [row for back in backs for row in _of(back, paid[back.reverses_id], history, clawbacks)]
    return pd.DataFrame(rows, columns=COLUMNS).astype(WHOLE) if rows else no_lines()


def _backs(months: Collection[dt.date]) -> list[Any]:
    """The credits that take one back in the months."""
    first, after = min(months), add_months(max(months), 1)
    rows = Credit.objects.filter(is_gone=False, reverses__isnull=False, day__gte=first, day__lt=after)
    return [row for row in rows.select_related("reverses").order_by("pk") if _month(row) in months]


def _month(credit: Credit) -> dt.date:
    return credit.day.replace(day=1)


def _clawbacks(versions: Collection[int]) -> dict[int, Clawback]:
    rows = PlanVersion.objects.filter(pk__in=versions)
    return {row.pk: read_terms(row.terms).clawback for row in rows}


def _of(back: Any, paid: Paid, history: History, clawbacks: dict[int, Clawback]) -> Iterator[dict[str, Any]]:
    """A line for each that nobody takes back."""
    month, groups = number_of(_month(back)), defaultdict[tuple[int, int, str], Paid](list)
    for line in paid:
        if (line["plan"], line["currency"], month, back.pk) not in history.seen:
            groups[line["rep"], line["version"], line["component"]].append(line)
    for (_, version, _), lines in groups.items():
        share = _returned(back) * within(
            clawbacks[version],
            months_apart(_month(back.reverses), _month(back)),
            (back.day - back.reverses.day).days,
        )
        if share:
            yield from _negative(back.pk, month, lines, share)


def _returned(back: Any) -> Fraction:
    """How much of the credit is taken back, of 1 at most."""
    whole = Fraction(back.reverses.amount)
    return min(abs(Fraction(back.amount) / whole), Fraction(1)) if whole else Fraction(0)


def _negative(credit: int, month: int, lines: Paid, share: Fraction) -> Iterator[dict[str, Any]]:
    """The part of what was paid, rounded once for a component, with the opposite sign."""
    pay = np.array([line["pay"] for line in lines], np.int64)
    total = round(int(pay.sum()) * share / CENT) * CENT if share != 1 else int(pay.sum())
    parts = shares(total, Counts(np.arange(len(pay)), pay)).tolist() if total else [0] * len(pay)
    for line, part in ((line, part) for line, part in zip(lines, parts, strict=True) if part):
        yield {
            **{name: line[name] for name in ("rep", "currency", "version", "component", "tier", "rate")},
            "month": month,
            "credit": credit,
            "kind": int(Kind.TAKEN_BACK),
            "amount": -round(int(line["amount"]) * share),
            "pay": -part,
        }
