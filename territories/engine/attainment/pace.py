"""Pace and coverage: is there enough, for how much of the period is over?"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A month of the period: its weight (the month's quota carries the season), its working days, and how
    many of them are over."""

    weight: float
    days: int
    over: int


def share_gone(parts: Sequence[Part]) -> float:
    """How much of the period is over, 0 to 1: each month counts by its weight, and within it by working
    days. Without any weight, by working days alone."""
    if not any(part.weight > 0 for part in parts):
        parts = [Part(float(part.days), part.days, part.over) for part in parts]
    whole = sum(part.weight for part in parts)
    gone = sum(part.weight * (part.over / part.days if part.days else 0) for part in parts)
    return min(max(gone / whole, 0.0), 1.0) if whole > 0 else 0.0


def pace(closed: float, quota: float, gone: float) -> float | None:
    """Closed over what should be closed by now: quota × the share of the period that is over. 1 is just in
    time. None where nothing should be closed yet."""
    due = quota * gone
    return closed / due if due > 0 else None


def win_rate(won: int, lost: int) -> float | None:
    """Won deals over all that were decided; None where none was."""
    return won / (won + lost) if won + lost else None


def coverage_needed(rate: float | None) -> float | None:
    """How many times the missing quota has to be open: 1 / win rate. None without a win rate above 0."""
    return 1 / rate if rate else None


def coverage_had(open_money: float, missing: float) -> float | None:
    """Open money over what of the quota is missing; None where nothing is missing."""
    return open_money / missing if missing > 0 else None
