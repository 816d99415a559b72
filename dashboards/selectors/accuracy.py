"""How good the plans were: what each cycle measured of the plan before it, within the person's scope."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from catalog.selectors import families_visible_to, reach_of
from core.models import Person
from planning.models import AccuracyReport, Cycle

SHOWN_CYCLES = 12


@dataclass(frozen=True)
class Measured:
    """WAPE and bias of a month's plan as shares of what was sold; bias is positive for too much."""

    month: dt.date
    cycle: Cycle
    basis: str
    wape: float | None
    bias: float | None
    families: list[dict[str, Any]]

    @property
    def is_of_a_plan(self) -> bool:
        """Whether a released plan was measured, not a back-test."""
        return self.basis == "released"


def accuracy_trend(user: Person) -> list[Measured]:
    """The newest report of each of the last cycles, the oldest first.

    Nothing for a scope of some markets: accuracy is kept by family over all of them.
    """
    if reach_of(user).markets:
        return []
    newest = AccuracyReport.objects.order_by("cycle_id", "-pk").distinct("cycle_id")
    rows = AccuracyReport.objects.filter(pk__in=newest.values("pk")).select_related("cycle")
    found = list(rows.order_by("-month", "-pk")[:SHOWN_CYCLES])
    seen = _codes(user)
    return [_measured(row, seen) for row in reversed(found)]


def _codes(user: Person) -> set[str] | None:
    """The families in a narrowed scope; None where everything is in it."""
    if not reach_of(user).families:
        return None
    rows: Any = families_visible_to(user)
    return set(rows.values_list("code", flat=True))


def _measured(row: AccuracyReport, seen: set[str] | None) -> Measured:
    families = [
        {"code": code, **figures}
        for code, figures in row.content["families"].items()
        if seen is None or code in seen
    ]
    total = row.content["total"] if seen is None else _added(families)
    return Measured(row.month, row.cycle, row.basis, total.get("wape"), total.get("bias"), families)


def _added(families: list[dict[str, Any]]) -> dict[str, float | None]:
    """The figures of some families together: each weighs by what it sold."""
    sold = sum(one["units"] for one in families if one["wape"] is not None)
    if not sold:
        return {"wape": None, "bias": None}
    return {
        name: sum(one[name] * one["units"] for one in families if one[name] is not None) / sold
        for name in ("wape", "bias")
    }
