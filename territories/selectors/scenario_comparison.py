"""Realignment scenarios side by side: the figures of a comparison, and which is the best of each."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.selectors import base_currency
from core.errors import Reason, Refused
from territories.models import QuotaMeasure, Scenario
from territories.selectors.scenario_effects import sums_of_deals, what_follows
from territories.selectors.scenario_figures import Figures, figures_of

LEAST, MOST = 2, 4
MEASURE_LABELS = {
    "potential": "Potential",
    "revenue": "Revenue",
    "workload": "Workload",
    "accounts": "Accounts",
}


@dataclass(frozen=True)
class Sums:
    """A scenario with everything that the comparison reads. deals: open ones, and their amount. quotas: what
    changes hands by measure, bookings first; by no measure, potential, where no plan holds."""

    scenario: Scenario
    figures: Figures
    deals: tuple[int, float]
    quotas: dict[str, float]

    @property
    def quota(self) -> float:
        """Of the first measure."""
        return next(iter(self.quotas.values()))

    @property
    def second(self) -> float | None:
        """Of sales, where bookings have quotas as well."""
        return self.quotas.get(QuotaMeasure.SALES) if len(self.quotas) > 1 else None


@dataclass(frozen=True)
class Line:
    """A figure; less of it is better. places: that are shown, and that a difference must reach."""

    key: str
    label: str
    unit: str
    value: Callable[[Sums], float]
    places: int = 0


@dataclass(frozen=True)
class Compared:
    """A figure of all scenarios, in their order; best: the lowest, None where all are equal."""

    line: Line
    values: tuple[float, ...]
    best: float | None


def compare(scenarios: list[Scenario]) -> list[Compared]:
    """The figures of two to four scenarios. Raises Refused for fewer or more."""
    if not LEAST <= len(scenarios) <= MOST:
        text = f"Choose {LEAST} to {MOST} scenarios; these are {len(scenarios)}."
        raise Refused(Reason(text, "count", "scenario"))
    found = [sums_of(scenario) for scenario in scenarios]
    more = sales_line() if any(one.second is not None for one in found) else ()
    return [_compared(line, found) for line in (*lines(), *more)]


def sums_of(scenario: Scenario) -> Sums:
    """One column of the comparison."""
    quotas = {one.measure or "": one.changes_hands for one in what_follows(None, scenario)}
    return Sums(scenario, figures_of(scenario), sums_of_deals(scenario), quotas)


def lines() -> list[Line]:
    """The rows of the comparison, in order."""
    money = base_currency()
    balance = [
        line
        for name, label in MEASURE_LABELS.items()
        for line in (
            Line(f"{name}_deviation", f"{label}: largest deviation", "%", _deviation(name), 1),
            Line(f"{name}_cv", f"{label}: variation", "%", _variation(name), 1),
        )
    ]
    return [
        *balance,
        Line("moved", "Accounts that move", "", lambda one: one.figures.moved),
        Line("moved_share", "Share of accounts", "%", lambda one: 100 * one.figures.moved_share, 1),
        Line("moved_revenue", "Revenue that moves", money, lambda one: one.figures.moved_revenue),
        Line("customers", "Companies that change hands", "", lambda one: one.figures.customers),
        Line("km", "Distance to base", "km", lambda one: one.figures.km_after),
        Line("deals", "Open deals touched", "", lambda one: one.deals[0]),
        Line("deal_amount", "Their amount", money, lambda one: one.deals[1]),
        Line("quota", "Quota that changes hands", money, lambda one: one.quota),
    ]


def sales_line() -> tuple[Line, ...]:
    """The row beside the quota's for those who have quotas of both measures."""
    label = "Quota of sales that changes hands"
    return (Line("quota_sales", label, base_currency(), lambda one: one.second or 0.0),)


def _deviation(measure: str) -> Callable[[Sums], float]:
    return lambda one: 100 * one.figures.deviation(measure, after=True)


def _variation(measure: str) -> Callable[[Sums], float]:
    return lambda one: 100 * one.figures.balance[measure][1].cv


def _compared(line: Line, found: list[Sums]) -> Compared:
    values = [round(float(line.value(one)), line.places) for one in found]
    return Compared(line, tuple(values), min(values) if len(set(values)) > 1 else None)
