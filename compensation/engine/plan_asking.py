"""What a component asks of the components of its plan: at which levels of what they reached it changes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from compensation.engine.plan import ONE, ZERO, Attainment, Component, Gives, Plan, Table

Asked = tuple[Attainment, tuple[Decimal, ...]]
"""(what is looked at, the levels)."""


def asked_by(component: Component) -> Iterator[Asked]:
    """By its threshold, gates, multipliers and matrix."""
    if component.threshold is not None:
        yield Attainment(component.code), (component.threshold,)
    for gate in component.gates:
        yield gate.by, (gate.least,)
    for multiplier in component.multipliers:
        if multiplier.by and multiplier.table:
            yield multiplier.by, multiplier.table.at
    if component.matrix:
        yield component.matrix.rows_by, component.matrix.rows
        yield component.matrix.columns_by, component.matrix.columns


def usual_ratio(plan: Plan, component: Component) -> Decimal:
    """What a ratio is taken to be in an example: the highest level that a gate, a threshold or a matrix asks
    for, or at which a multiplier or its own points begin to pay in full."""
    asked = [level for one in plan.components for level in _in_full(one, component.code)]
    own = [_full(component.table, component.gives)] if component.table else []
    return max([*asked, *own], default=ZERO) or ONE


def highest_ratio(plan: Plan, component: Component) -> Decimal:
    """The highest level of a ratio that the plan names."""
    asked = [
        levels for one in plan.components for by, levels in asked_by(one) if by.component == component.code
    ]
    own = component.table.at if component.table else ()
    return max((*own, *(level for levels in asked for level in levels)), default=ZERO) or ONE


def _in_full(component: Component, code: str) -> Iterator[Decimal]:
    for by, levels in asked_by(replace(component, multipliers=())):
        if by.component == code:
            yield max(levels)
    for one in component.multipliers:
        if one.by and one.by.component == code and one.table:
            yield _full(one.table, Gives.TARGET)


def _full(table: Table, gives: Gives) -> Decimal:
    """Where a table first gives all of a target or a factor; the last of its points where it gives money."""
    pairs = zip(table.at, table.value, strict=True) if gives is Gives.TARGET else ()
    return next((at for at, value in pairs if value >= ONE), table.at[-1])
