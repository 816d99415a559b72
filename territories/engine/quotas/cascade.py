"""From a target down a tree of territories to reps, so that every level and every month adds up.

What a parent gives down is its quota and the hedge of its level. Children share it by a blend of methods
within floor and ceiling against last year; months before `from_month` stay as they are.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from territories.engine.quotas.bounds import Bound, BoundsDoNotFit, bounded_split
from territories.engine.quotas.days import HUNDRED, Term, by_days
from territories.engine.quotas.lines import Allocation, NodeLine, RepLine
from territories.engine.quotas.seasons import Months, scaled
from territories.engine.quotas.shares import Blend, blend
from territories.engine.quotas.wholes import grid, split

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Node:
    """A territory. `values`: by method, base currency. `fixed`: a yearly amount it must get. `past`: its
    months that stay; `rep_past`: those of its reps."""

    key: Any
    values: Mapping[str, Decimal] = field(default_factory=dict)
    last_year: Decimal | None = None
    fixed: Decimal | None = None
    past: Mapping[dt.date, Decimal] = field(default_factory=dict)
    children: tuple["Node", ...] = ()
    terms: tuple[Term, ...] = ()
    rep_past: Mapping[Any, Mapping[dt.date, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """How a plan goes down. Percent: weights of methods, hedges by level, floor and ceiling as change
    against last year, ramp by month since the start. Amounts are multiples of `step`."""

    weights: Mapping[str, Decimal]
    step: Decimal
    from_month: dt.date
    hedges: tuple[Decimal, ...] = ()
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    ramp: tuple[int, ...] = ()
    spread_relief: bool = False


class NoFit(ValueError):
    """The bounds of a node's children cannot be kept. `parent` is its key, None for the target; `fits` the
    percent against last year that the floor or ceiling (`side`) could have at the utmost."""

    def __init__(self, parent: Any, found: BoundsDoNotFit, fits: Decimal | None) -> None:
        self.parent, self.side, self.bounds, self.total = parent, found.side, found.bounds, found.total
        self.fits = fits
        super().__init__(str(found))


def hedge_of(rules: Rules, level: int) -> Decimal:
    """Percent that a level's parents give down above what they have; none where the list ends."""
    return rules.hedges[level] if level < len(rules.hedges) else NOTHING


def given_down(
    months: Mapping[dt.date, Decimal], hedge: Decimal, step: Decimal, from_month: dt.date
) -> Months:
    """What a parent's months from `from_month` on come to for its children, with the hedge.

    The year's sum is a multiple of the step where a hedge was added; without one nothing changes.
    """
    rest = {month: amount for month, amount in months.items() if month >= from_month}
    if not hedge:
        return rest
    pool = sum(rest.values(), NOTHING) * (HUNDRED + hedge) / HUNDRED
    return scaled(rest, (pool / step).to_integral_value(ROUND_HALF_EVEN) * step, step)


def allocate(
    children: Sequence[Node], months: Mapping[dt.date, Decimal], rules: Rules, *, level: int = 0
) -> Allocation:
    """Every quota below: of the nodes by key, of the reps by (node, rep). Raises NoFit."""
    nodes: dict[Any, NodeLine] = {}
    reps: dict[tuple[Any, Any], RepLine] = {}
    uncovered: dict[Any, Months] = {}
    for node, parent_months, depth in _walk(children, months, rules, level, None, nodes):
        pool = given_down(parent_months, hedge_of(rules, depth), rules.step, rules.from_month)
        covered = by_days(pool, node.terms, rules.ramp)
        uncovered[node.key] = covered.uncovered
        for rep in {*covered.reps, *node.rep_past}:
            past = dict(node.rep_past.get(rep, {}))
            reps[node.key, rep] = RepLine(past, covered.reps.get(rep, {}), {})
    if rules.spread_relief:
        reps = _relief_taken_over(reps)
    return Allocation(nodes, reps, uncovered)


def _walk(
    children: Sequence[Node],
    months: Mapping[dt.date, Decimal],
    rules: Rules,
    level: int,
    parent: Any,
    nodes: dict[Any, NodeLine],
) -> Iterator[tuple[Node, Months, int]]:
    """Fill `nodes` level by level; gives the leaves with their months and the level of their reps."""
    if not children:
        return
    for child, line in zip(children, _siblings(children, months, rules, level, parent), strict=True):
        nodes[child.key] = line
        if child.children:
            yield from _walk(child.children, line.months, rules, level + 1, child.key, nodes)
        else:
            yield child, line.months, level + 1


def _siblings(
    children: Sequence[Node], months: Mapping[dt.date, Decimal], rules: Rules, level: int, parent: Any
) -> list[NodeLine]:
    mixed = blend({child.key: child.values for child in children}, rules.weights)
    future = given_down(months, hedge_of(rules, level), rules.step, rules.from_month)
    past = {child.key: sum(child.past.values(), NOTHING) for child in children}
    total = sum(future.values(), NOTHING) + sum(past.values(), NOTHING)
    bounds = {child.key: _bound(child, past[child.key], rules) for child in children}
    try:
        years = bounded_split(total, mixed.shares, bounds, rules.step)
    except BoundsDoNotFit as found:
        raise NoFit(parent, found, _fitting(children, total)) from found
    cells = grid({key: years[key] - past[key] for key in years}, future, rules.step)
    return [
        _line(child, cells[child.key], mixed, bounds[child.key], years[child.key], level)
        for child in children
    ]


def _line(child: Node, cells: Months, mixed: Blend, bound: Bound, year: Decimal, level: int) -> NodeLine:
    return NodeLine(
        months=dict(child.past) | cells,
        share=mixed.shares[child.key],
        used=mixed.used,
        dropped=mixed.dropped,
        bound=bound,
        level=level,
        is_held=child.fixed is None and year in (bound.low, bound.high),
    )


def _bound(child: Node, past: Decimal, rules: Rules) -> Bound:
    """At least what the past months hold; between floor and ceiling where there is a last year."""
    if child.fixed is not None:
        return Bound(max(child.fixed, past), max(child.fixed, past))
    low, high = past, None
    if child.last_year and child.last_year > 0:
        if rules.floor is not None:
            low = max(low, child.last_year * (HUNDRED + rules.floor) / HUNDRED)
        if rules.ceiling is not None:
            high = max(low, child.last_year * (HUNDRED + rules.ceiling) / HUNDRED)
    return Bound(low, high)


def _fitting(children: Sequence[Node], total: Decimal) -> Decimal | None:
    last = sum((child.last_year for child in children if child.last_year), NOTHING)
    return (total / last - 1) * HUNDRED if last > 0 else None


def _relief_taken_over(reps: dict[tuple[Any, Any], RepLine]) -> dict[tuple[Any, Any], RepLine]:
    """What the ramp relieves new reps of, month by month, on those at their full quota, by what they have."""
    months = sorted({month for line in reps.values() for month in line.days})
    extra: dict[tuple[Any, Any], Months] = {key: {} for key in reps}
    for month in months:
        here = {key: line.days[month] for key, line in reps.items() if month in line.days}
        relief = sum((one.ramp for one in here.values()), NOTHING)
        takers = {key: one.given for key, one in here.items() if not one.ramp and one.given > 0}
        if relief and takers:
            for key, amount in split(relief, takers).items():
                extra[key][month] = amount
    return {key: RepLine(line.past, line.days, extra[key]) for key, line in reps.items()}


def season(
    target: Decimal,
    months: Sequence[dt.date],
    weights: Sequence[Fraction | Decimal],
    past: Mapping[dt.date, Decimal],
    step: Decimal,
) -> Months:
    """The target by month: past months as they are, the rest of the year by the season's weights."""
    left = max(target - sum(past.values(), NOTHING), NOTHING)
    ahead = {month: weight for month, weight in zip(months, weights, strict=True) if month not in past}
    return dict(past) | split(left, ahead, step)
