"""The words of the database's credits that a plan may use, and a plan that uses only them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from compensation.engine.plan import Component, Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_reading import plan_from

NUMBERS = ("amount", "units", "margin")
COUNTS = "count"
BASES = ("bookings", "invoiced", "cash", "sales")
MEASURES = (*NUMBERS, COUNTS, *BASES)
DIVISORS = (*NUMBERS, COUNTS)
WORDS = (
    *("basis", "kind", "role", "market", "family", "product", "pipeline", "account", "industry"),
    "territory",
)


def checked_plan(terms: Mapping[str, Any]) -> Plan:
    """The plan of terms. Raises BadPlan with a sentence for everything that is wrong or that credits do not
    have, at once."""
    plan = kept_plan(terms)
    if faults := faults_of_words(plan):
        raise BadPlan(faults)
    return plan


def kept_plan(terms: Mapping[str, Any]) -> Plan:
    """The plan of terms that the database can keep. Raises BadPlan."""
    if not _can_be_kept(terms):
        raise BadPlan(["The terms hold a character or number that cannot be kept. Type them anew."])
    return plan_from(terms)


def _can_be_kept(terms: Mapping[str, Any]) -> bool:
    """PostgreSQL keeps neither the character 0 nor endless numbers in JSON."""
    try:
        return "\\u0000" not in json.dumps(terms, allow_nan=False)
    except ValueError:
        return False


def faults_of_words(plan: Plan) -> list[str]:
    """A sentence for every measure and column that credits do not have."""
    return [sentence for component in plan.components for sentence in _faults(component)]


def _faults(component: Component) -> Iterator[str]:
    where = f"component {component.code}.measure"
    if component.measure.of not in MEASURES:
        yield f"{where}.of: “{component.measure.of}” is not counted. Known: {', '.join(MEASURES)}."
    if component.measure.per and component.measure.per not in DIVISORS:
        yield f"{where}.per: “{component.measure.per}” divides nothing. Known: {', '.join(DIVISORS)}."
    known = f"Known: {', '.join(WORDS)}."
    for condition in component.measure.where:
        if condition.column not in WORDS:
            yield f"{where}.where.{condition.column}: credits have no such column. {known}"
    if component.by and component.by not in WORDS:
        yield f"component {component.code}.by: credits have no column “{component.by}”. {known}"
