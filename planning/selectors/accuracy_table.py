"""Accuracy by family, market, demand unit, month or planner: rows that lead down to their cells."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.models import DemandUnit, Family, Market
from core.models import Person
from forecasting.engine.measures import Measures, measures_by, measures_of
from forecasting.engine.panel import Ints
from planning.models import FamilyReview
from planning.selectors.accuracy_cells import MAKERS, Asked, Frame, month_of
from planning.selectors.measured_people import people_measured_for

COMPARED = ("naive", "statistical", "consensus", "released")
LEVELS = {
    "family": "Family",
    "market": "Market",
    "unit": "Demand unit",
    "month": "Month",
    "planner": "Planner",
}
NOBODY, OTHERS = -1, -2


@dataclass(frozen=True)
class Row:
    """One group: its name, what narrows the page to it (`narrow`: name → value), and its accuracy.

    `is_leaf` says that nothing lies below it but demand units.
    """

    label: str
    narrow: dict[str, str]
    is_leaf: bool
    measures: Measures


def total_of(frame: Frame) -> dict[str, Measures]:
    """The accuracy of each maker on all cells; empty without any."""
    if not len(frame):
        return {}
    return {maker: measures_of(frame.cells_of(maker)) for maker in COMPARED}


def by_month(frame: Frame, maker: str) -> list[tuple[dt.date, Measures]]:
    """The accuracy of a maker in each month, the oldest first."""
    if not len(frame):
        return []
    found = measures_by(frame["month"].astype(np.int64), frame.cells_of(maker))
    return [(month_of(number), measures) for number, measures in sorted(found.items())]


def rows_of(user: Person | None, frame: Frame, asked: Asked, level: str, maker: str) -> list[Row]:
    """The accuracy of a maker by group, the most money of error first."""
    if not len(frame):
        return []
    groups, named = GROUPED[level](user, frame, asked)
    found = measures_by(groups, frame.cells_of(maker))
    names = named(list(found))
    rows = [Row(*names[key], measures) for key, measures in found.items()]
    return sorted(rows, key=lambda row: (-row.measures.money, row.label))


Named = Callable[[list[int]], dict[int, tuple[str, dict[str, str], bool]]]
Grouped = tuple[Ints, Named]


def _by_family(user: Person | None, frame: Frame, asked: Asked) -> Grouped:
    rows = {row.pk: row for row in Family.objects.all()}
    return _by_tree(rows, frame["family"], asked.family, "family")


def _by_market(user: Person | None, frame: Frame, asked: Asked) -> Grouped:
    rows = {row.pk: row for row in Market.objects.all()}
    return _by_tree(rows, frame["market"], asked.market, "market")


def _by_tree(
    rows: dict[int, Family] | dict[int, Market],
    keys: NDArray[np.int64],
    top: Family | Market | None,
    name: str,
) -> Grouped:
    """Each cell's node just below the top; the top's own cells stay with it."""
    ids, place = np.unique(keys, return_inverse=True)
    shown = np.array([_below(rows, int(key), top) for key in ids], dtype=np.int64)
    above = {key for node in ids for key in _way_up(rows, int(node))[1:]}
    if top is not None:
        above.discard(top.pk)  # its own cells cannot be narrowed further

    def named(found: list[int]) -> dict[int, tuple[str, dict[str, str], bool]]:
        return {key: (rows[key].name, {name: rows[key].code}, key not in above) for key in found}

    return shown[place], named


def _way_up(rows: dict[int, Family] | dict[int, Market], key: int) -> list[int]:
    """A node and everything above it."""
    way = [key]
    while (parent := rows[way[-1]].parent_id) is not None:
        way.append(parent)
    return way


def _below(rows: dict[int, Family] | dict[int, Market], key: int, top: Family | Market | None) -> int:
    way = _way_up(rows, key)
    if top is None:
        return way[-1]
    at = way.index(top.pk)
    return way[at - 1] if at else top.pk


def _by_unit(user: Person | None, frame: Frame, asked: Asked) -> Grouped:
    def named(found: list[int]) -> dict[int, tuple[str, dict[str, str], bool]]:
        rows = DemandUnit.objects.filter(pk__in=found).values_list("pk", "product__name", "market__name")
        return {key: (f"{product} · {market}", {"unit": str(key)}, True) for key, product, market in rows}

    return frame["unit"], named


def _by_month(user: Person | None, frame: Frame, asked: Asked) -> Grouped:
    def named(found: list[int]) -> dict[int, tuple[str, dict[str, str], bool]]:
        months = {key: month_of(key) for key in found}
        return {key: (f"{month:%b %Y}", {"month": f"{month:%Y-%m}"}, True) for key, month in months.items()}

    return frame["month"].astype(np.int64), named


def _by_planner(user: Person | None, frame: Frame, asked: Asked) -> Grouped:
    """Who reviewed the cell's family, or the nearest family above it, in the plan's cycle."""
    parents: dict[int, int | None] = dict(Family.objects.values_list("pk", "parent_id"))
    reviews = FamilyReview.objects.exclude(reviewer=None).values_list("cycle_id", "family_id", "reviewer_id")
    reviewers = {(cycle, family): person for cycle, family, person in reviews}
    pair = frame["cycle"] * (max(parents) + 1) + frame["family"]
    pairs, place = np.unique(pair, return_inverse=True)
    people = [_reviewer(reviewers, parents, *divmod(int(one), max(parents) + 1)) for one in pairs]
    seen = people_measured_for(user)
    shown = [one if one == NOBODY or seen is None or one in seen else OTHERS for one in people]

    def named(found: list[int]) -> dict[int, tuple[str, dict[str, str], bool]]:
        names = dict(Person.objects.filter(pk__in=found).values_list("pk", "name"))
        words = {NOBODY: "Nobody reviewed it", OTHERS: "Other planners", **names}
        return {key: (words[key], {}, True) for key in found}

    return np.array(shown, dtype=np.int64)[place], named


def _reviewer(
    reviewers: dict[tuple[int, int], int], parents: dict[int, int | None], cycle: int, family: int
) -> int:
    here: int | None = family
    while here is not None:
        if (cycle, here) in reviewers:
            return reviewers[(cycle, here)]
        here = parents[here]
    return NOBODY


GROUPED: dict[str, Callable[[Person | None, Frame, Asked], Grouped]] = {
    "family": _by_family,
    "market": _by_market,
    "unit": _by_unit,
    "month": _by_month,
    "planner": _by_planner,
}
NAMES = {key: MAKERS[key] for key in COMPARED}
