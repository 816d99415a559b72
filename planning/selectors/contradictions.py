"""Where the plan contradicts demand, budget or the last plan by more than the company lets pass."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from core import company
from core.formats import grouped
from planning.models import Cycle, Decision
from planning.selectors.comparison import Comparison, compare

SHOWN = 20
REST = "rest"
KINDS = {
    "supply": ("demand", "plan", "Demand that supply does not meet"),
    "budget": ("plan", "budget", "Plan against budget"),
    "last": ("plan", "last", "Plan against the last plan"),
}


@dataclass(frozen=True)
class Contradiction:
    """One family in one quarter: `difference` is the first of KINDS less the second, in base currency.

    `gap` names it across solves; the smaller ones beyond the twentieth are one, named "rest".
    """

    gap: str
    kind: str
    family: str
    quarter: str
    difference: float
    share: float | None
    count: int = 1
    decision: Decision | None = None

    @property
    def money(self) -> float:
        """The size of the difference either way, base currency."""
        return abs(self.difference)

    @property
    def is_settled(self) -> bool:
        """Decided here, or handed to the executives to decide."""
        return self.decision is not None and bool(self.decision.decided or self.decision.asks_executives)

    @property
    def title(self) -> str:
        """What it says, in one sentence without the currency."""
        if self.gap == REST:
            return f"{self.count} smaller contradictions, {grouped(self.money, 0)} together"
        more = self.difference > 0
        amount = grouped(self.money, 0)
        if self.kind == "supply":
            word = "less than demand is supplied" if more else "more than demand is supplied"
            return f"{self.family}, {self.quarter}: {amount} {word}"
        word = "above" if more else "below"
        against = "budget" if self.kind == "budget" else "the last plan"
        return f"{self.family}, {self.quarter}: plan {amount} {word} {against}"


def contradictions_of(cycle: Cycle, comparison: Comparison | None = None) -> list[Contradiction]:
    """Every contradiction of a cycle above the threshold, the largest money first, twenty one by one
    and the smaller ones together, each with its decision, if it has one."""
    comparison = comparison or compare(cycle, None)
    if comparison is None:
        return []
    limit = float(company.value("decision_money"))
    found = [row for kind in KINDS for row in _of_kind(comparison, kind) if row.money >= limit]
    found.sort(key=lambda row: (-row.money, row.gap))
    known = cycle.decisions.exclude(gap="").select_related("owner", "decided_by")
    decisions = {row.gap: row for row in known}
    return [replace(row, decision=decisions.get(row.gap)) for row in _with_rest(found)]


def _with_rest(found: list[Contradiction]) -> list[Contradiction]:
    shown, smaller = found[:SHOWN], found[SHOWN:]
    if not smaller:
        return shown
    together = sum(row.money for row in smaller)
    return [*shown, Contradiction(REST, REST, "", "", together, None, count=len(smaller))]


def _of_kind(comparison: Comparison, kind: str) -> list[Contradiction]:
    first, second, _ = KINDS[kind]
    months = comparison.months_of(second)
    rows = comparison.rows
    rows = rows[rows["month"].isin(months) & rows["source"].isin([first, second])]
    if rows.empty:
        return []
    quarters = rows["month"].map({month: quarter_of(month) for month in months})
    sums = rows.groupby(["family", quarters.rename("quarter"), "source"])["revenue"].sum(min_count=1)
    table: Any = sums.unstack("source").reindex(columns=[first, second])
    if kind != "supply":
        table = table.dropna(subset=[second])  # no budget is no contradiction
    table = table.fillna(0.0)
    return [_row(comparison, kind, key, values, first, second) for key, values in table.iterrows()]


def _row(
    comparison: Comparison, kind: str, key: tuple, values: pd.Series, first: str, second: str
) -> Contradiction:
    family, quarter = comparison.families[key[0]], key[1]
    base = float(values[second] if kind != "supply" else values[first])
    difference = float(values[first] - values[second])
    return Contradiction(
        gap=f"{kind}:{family.code}:{quarter}",
        kind=kind,
        family=family.name,
        quarter=quarter,
        difference=difference,
        share=difference / base if base else None,
    )


def quarter_of(month: dt.date) -> str:
    """The calendar quarter, such as "2026 Q1"."""
    return f"{month.year} Q{(month.month + 2) // 3}"


def find_contradiction(cycle: Cycle, gap: str) -> Contradiction | None:
    """The contradiction of this name, if it is one now."""
    return next((row for row in contradictions_of(cycle) if row.gap == gap), None)


def money_of(contradiction: Contradiction) -> Decimal:
    """Its money as decisions keep it."""
    return Decimal(str(round(contradiction.money, 2)))
