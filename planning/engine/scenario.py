"""What a scenario changes, and what a supply problem becomes by it. Pure arithmetic on arrays.

A change is a small dictionary, as stored in a scenario and sent by the API:

    {"kind": "demand", "percent": 10, "family": "TENTS", "market": "DE", "first": "2027-03"}
    {"kind": "capacity", "percent": -20, "resource": "SEW-1", "first": "2027-05", "last": "2027-06"}
    {"kind": "capacity", "add": 120, "resource": "SEW-1"}
    {"kind": "cost", "percent": 5, "family": "TENTS"}
    {"kind": "service_level", "percent": 98}
    {"kind": "overtime", "allowed": false}      {"kind": "outsourcing", "allowed": false}

Without family, market, resource or months it holds for all of them. Changes apply one after another.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planning.engine.supply.problem import Floats, Problem, Resources

KINDS = ("demand", "capacity", "cost", "service_level", "overtime", "outsourcing")
SWITCHES = ("overtime", "outsourcing")
TEXTS = ("family", "market", "resource", "first", "last")
NUMBERS = ("percent", "add")
# Which of the narrowing fields each kind of change knows.
NARROWED: dict[str, tuple[str, ...]] = {
    "demand": ("family", "market", "first", "last"),
    "capacity": ("resource", "first", "last"),
    "cost": ("family",),
    "service_level": (),
    "overtime": (),
    "outsourcing": (),
}
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """One change of a scenario. `percent` is added to 100 %; of a service level it is the level."""

    kind: str
    percent: float = 0.0
    add: float = 0.0
    allowed: bool = True
    family: str = ""
    market: str = ""
    resource: str = ""
    first: str = ""
    last: str = ""

    def months(self, months: tuple[str, ...]) -> Mask:
        """Which of the months ("2027-03", …) it holds for."""
        first, last = self.first or months[0], self.last or months[-1]
        return np.array([first <= month <= last for month in months], dtype=bool)

    @property
    def factor(self) -> float:
        """What its percent multiplies by: 1.1 for +10 %."""
        return 1 + self.percent / 100

    def as_stored(self) -> dict[str, Any]:
        """Only what the change says."""
        said: dict[str, Any] = {"kind": self.kind}
        if self.kind in SWITCHES:
            return said | {"allowed": self.allowed}
        numbers = {name: getattr(self, name) for name in NUMBERS if getattr(self, name)}
        texts = {name: getattr(self, name) for name in NARROWED[self.kind] if getattr(self, name)}
        return said | numbers | texts


def read_changes(stored: list[dict[str, Any]]) -> list[Change]:
    """The changes of a scenario. Raises ValueError with one sentence for each that cannot be."""
    changes, wrong = [], []
    for number, one in enumerate(stored, start=1):
        try:
            changes.append(_read(one))
        except ValueError as error:
            wrong.append(f"Change {number}: {error}")
    if wrong:
        raise ValueError(" ".join(wrong))
    return changes


def _read(one: Any) -> Change:
    if not isinstance(one, dict) or one.get("kind") not in KINDS:
        raise ValueError(f"its kind must be one of {', '.join(KINDS)}.")
    kind = one["kind"]
    allowed = {"kind", "allowed"} if kind in SWITCHES else {"kind", *NUMBERS, *NARROWED[kind]}
    if unknown := sorted(set(one) - allowed):
        raise ValueError(f"“{unknown[0]}” means nothing for {kind.replace('_', ' ')}.")
    texts = {name: str(one.get(name) or "") for name in TEXTS}
    change = Change(
        kind=kind,
        percent=_number(one, "percent"),
        add=_number(one, "add"),
        allowed=_switch(one),
        family=texts["family"],
        market=texts["market"],
        resource=texts["resource"],
        first=texts["first"],
        last=texts["last"],
    )
    _refuse_nonsense(change)
    return change


def _switch(one: dict[str, Any]) -> bool:
    allowed = one.get("allowed", one["kind"] not in SWITCHES)
    if not isinstance(allowed, bool):
        raise ValueError("“allowed” is either true or false.")
    return allowed


def _number(one: dict[str, Any], name: str) -> float:
    value = one.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"“{name}” is not a number.")
    return float(value)


def _refuse_nonsense(change: Change) -> None:
    if change.kind == "service_level" and not 50 <= change.percent < 100:
        raise ValueError("a service level lies from 50 up to below 100 %.")
    if change.kind in {"demand", "cost"} and not change.percent:
        raise ValueError("say by how many percent.")
    if change.kind == "capacity" and bool(change.percent) == bool(change.add):
        raise ValueError("say either by how many percent, or how much to add.")
    if change.kind != "service_level" and not -100 <= change.percent <= 1000:
        raise ValueError("a percentage lies from −100 to 1000.")
    for month in (change.first, change.last):
        if month and not _is_month(month):
            raise ValueError(f"“{month}” is not a month. Write 2027-03.")
    if change.first and change.last and change.last < change.first:
        raise ValueError("its last month is before its first.")


def _is_month(text: str) -> bool:
    year, dash, month = text.partition("-")
    digits = len(year) == 4 and len(month) == 2 and (year + month).isdigit()
    return bool(dash) and digits and 1 <= int(month) <= 12


def demand_factors(
    changes: list[Change],
    months: tuple[str, ...],
    families: list[frozenset[str]],
    markets: list[frozenset[str]],
) -> Floats:
    """What demand is multiplied by, (units, months).

    `families` and `markets` hold each demand unit's own code and those of everything above it.
    """
    factors = np.ones((len(families), len(months)))
    for change in changes:
        if change.kind == "demand":
            units = _among(change.family, families) & _among(change.market, markets)
            factors[np.ix_(units, change.months(months))] *= change.factor
    return factors


def service_level_of(changes: list[Change], otherwise: float) -> float:
    """The service level in percent: the last change's, or `otherwise`."""
    levels = [change.percent for change in changes if change.kind == "service_level"]
    return levels[-1] if levels else otherwise


def change_problem(problem: Problem, changes: list[Change], families: list[frozenset[str]]) -> Problem:
    """The problem with the changes of capacity, cost, overtime and outsourcing.

    `families` holds each item's family and those above it. Demand and stock targets are changed
    before the problem is built, with `demand_factors` and `service_level_of`.
    """
    for change in changes:
        if change.kind == "capacity":
            problem = replace(problem, resources=_capacity(problem, change))
        elif change.kind == "cost":
            problem = _cost(problem, change, families)
        elif change.kind in SWITCHES and not change.allowed:
            problem = _forbid(problem, change.kind)
    return problem


def _capacity(problem: Problem, change: Change) -> Resources:
    chosen = np.array([change.resource in ("", code) for code in problem.resources.ids], dtype=bool)
    cells = np.ix_(chosen, change.months(problem.months))
    regular, overtime = problem.resources.regular.copy(), problem.resources.overtime.copy()
    regular[cells] = np.maximum(regular[cells] * change.factor + change.add, 0.0)
    overtime[cells] *= change.factor
    return replace(problem.resources, regular=regular, overtime=overtime)


def _cost(problem: Problem, change: Change, families: list[frozenset[str]]) -> Problem:
    factor = np.where(_among(change.family, families), change.factor, 1.0)
    products = problem.products
    before = np.where(np.isfinite(products.make_cost), products.make_cost, products.buy_cost)
    buying = products.buy_cost * factor
    changed = replace(
        products,
        make_cost=products.make_cost * factor,
        buy_cost=buying,
        # By as much money as making it; never worth more than it can be bought for.
        ending_value=np.clip(products.ending_value + before * (factor - 1), 0.0, buying),
    )
    return replace(problem, products=changed)


def _forbid(problem: Problem, what: str) -> Problem:
    """Bought products stay bought: without it there would be no way to them at all."""
    if what == "overtime":
        none = np.zeros_like(problem.resources.overtime)
        return replace(problem, resources=replace(problem.resources, overtime=none))
    makeable = np.isfinite(problem.products.make_cost)
    limit = np.where(makeable, 0.0, problem.products.buy_limit)
    return replace(problem, products=replace(problem.products, buy_limit=limit))


def _among(code: str, above: list[frozenset[str]]) -> Mask:
    return np.array([not code or code in codes for codes in above], dtype=bool)
