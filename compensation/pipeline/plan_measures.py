"""What a plan counts, in the words of the database's credits.

A plan may count bookings, invoiced, cash or sales as money, or units, margin and the number of credits.
Credits of all bases lie in one table, so each component is told which basis it counts: the one it names, or
bookings.
"""

from collections import defaultdict
from dataclasses import replace

from catalog.models import Family, Market
from compensation.engine.plan import Component, Condition, Measure, Plan
from compensation.models import Basis


def counted_in_credits(plan: Plan) -> Plan:
    """The plan with a basis for every component; markets and families include all below them."""
    below = _below() if _asks_for_trees(plan) else {}
    return replace(plan, components=tuple(_component(one, below) for one in plan.components))


def _asks_for_trees(plan: Plan) -> bool:
    columns = {condition.column for one in plan.components for condition in one.measure.where}
    return bool(columns & {"market", "family"})


def _component(component: Component, below: dict[str, dict[str, tuple[str, ...]]]) -> Component:
    measure = component.measure
    where = tuple(_widened(condition, below) for condition in measure.where)
    if measure.of in Basis.values:
        where = (*where, Condition("basis", (measure.of,)))
    elif all(condition.column != "basis" for condition in where):
        where = (*where, Condition("basis", (Basis.BOOKINGS.value,)))
    of = "amount" if measure.of in Basis.values else measure.of
    return replace(component, measure=replace(measure, of=of, where=where))


def _widened(condition: Condition, below: dict[str, dict[str, tuple[str, ...]]]) -> Condition:
    tree = below.get(condition.column)
    if tree is None:
        return condition
    values = dict.fromkeys(code for value in condition.values for code in tree.get(value, (value,)))
    return Condition(condition.column, tuple(values))


def _below() -> dict[str, dict[str, tuple[str, ...]]]:
    """By column, for each code: itself and all codes below it."""
    return {"market": _tree(Market), "family": _tree(Family)}


def _tree(model: type[Market] | type[Family]) -> dict[str, tuple[str, ...]]:
    rows = list(model.objects.order_by("code").values_list("pk", "code", "parent_id"))
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, _, parent in rows:
        children[parent].append(pk)
    code = {pk: name for pk, name, _ in rows}

    def inside(pk: int) -> list[int]:
        return [pk, *(one for child in children[pk] for one in inside(child))]

    return {code[pk]: tuple(code[one] for one in inside(pk)) for pk in code}


def bases_of(plan: Plan) -> tuple[str, ...]:
    """The bases whose credits a plan (as counted_in_credits gives it) needs."""
    return tuple(sorted({basis for one in plan.components for basis in _bases(one.measure)}))


def _bases(measure: Measure) -> tuple[str, ...]:
    return next(condition.values for condition in measure.where if condition.column == "basis")
