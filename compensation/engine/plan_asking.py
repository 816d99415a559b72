"""What a component asks of the components of its plan: at which levels of what they reached it changes."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from compensation.engine.plan import ONE, ZERO, Component, Plan

Asked = tuple[str, tuple[Decimal, ...]]
"""(the code of the component that is looked at, the levels)."""


def asked_by(component: Component) -> Iterator[Asked]:
    """By its threshold, gates, multipliers and matrix."""
    if component.threshold is not None:
        yield component.code, (component.threshold,)
    for gate in component.gates:
        yield gate.by.component, (gate.least,)
    for multiplier in component.multipliers:
        if multiplier.by and multiplier.table:
            yield multiplier.by.component, multiplier.table.at
    if component.matrix:
        yield component.matrix.rows_by.component, component.matrix.rows
        yield component.matrix.columns_by.component, component.matrix.columns


def usual_ratio(plan: Plan, component: Component) -> Decimal:
    """What a ratio is taken to be in an example: the highest level that a gate, a threshold or a matrix asks
    for, or at which a multiplier begins to pay in full; else the highest of its own."""
    asked = [level for one in plan.components for level in _in_full(one, component.code)]
    own = component.table.at if component.table else ()
    return max(asked, default=None) or max(own, default=None) or ONE


def highest_ratio(plan: Plan, component: Component) -> Decimal:
    """The highest level of a ratio that the plan names."""
    asked = [levels for one in plan.components for code, levels in asked_by(one) if code == component.code]
    own = component.table.at if component.table else ()
    return max((*own, *(level for levels in asked for level in levels)), default=ZERO) or ONE


def _in_full(component: Component, code: str) -> Iterator[Decimal]:
    for asked, levels in asked_by(replace(component, multipliers=())):
        if asked == code:
            yield max(levels)
    for one in component.multipliers:
        if one.by and one.by.component == code and one.table:
            pairs = zip(one.table.at, one.table.value, strict=True)
            yield next((at for at, value in pairs if value >= ONE), one.table.at[-1])
