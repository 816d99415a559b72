"""What the plan builder shows: a draft's terms in plain words, with examples that the engine works out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from compensation.engine.plan import Component, Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_editing import components_in
from compensation.engine.plan_examples import CURVE, Curve, Example, curves, example, usual_quota
from compensation.engine.plan_limit_words import plan_words
from compensation.engine.plan_words import FORM_NAMES, component_words
from compensation.engine.plan_writing import mapping_of
from compensation.engine.plan_yaml import plan_text, terms_text
from compensation.models import PlanVersion
from compensation.selectors.plans import read_terms

UNFINISHED = ("components: a plan needs at least one.",)
USUAL_TARGET = Decimal(30_000)


@dataclass(frozen=True)
class Card:
    """A component in plain words. curve: None where nothing can be worked out."""

    component: Component
    form: str
    words: list[str]
    curve: Curve | None
    first: bool
    last: bool


@dataclass(frozen=True)
class Built:
    """A version as the builder shows it. plan: None while the terms do not read, and then `faults`."""

    version: PlanVersion
    plan: Plan | None
    faults: list[str]
    cards: list[Card] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    example: Example | None = None
    quotas: dict[str, Decimal] = field(default_factory=dict)
    problem: str = ""


def written_terms(version: PlanVersion) -> dict[str, Any]:
    """The terms in the order a person would write them; as they are kept while they do not read."""
    try:
        return mapping_of(read_terms(version.terms))
    except BadPlan:
        return dict(version.terms)


def text_of(version: PlanVersion) -> str:
    """The YAML of a version."""
    try:
        return plan_text(read_terms(version.terms))
    except BadPlan:
        return terms_text(dict(version.terms))


def built(
    version: PlanVersion, quotas: Mapping[str, Decimal] | None = None, target: Decimal | None = None
) -> Built:
    """The version in words and by example. quotas: a year's, by component; target: a year's pay at 100 %."""
    try:
        plan = read_terms(version.terms)
    except BadPlan as error:
        empty = not components_in(version.terms) and tuple(error.sentences) == UNFINISHED
        return Built(version, None, [] if empty else error.sentences)
    given = {one.code: (quotas or {}).get(one.code) or usual_quota(plan, one) for one in plan.components}
    paid = target or plan.target_incentive or USUAL_TARGET
    lines, shown, problem = worked_out(plan, given, paid, version.starts.year)
    count = len(plan.components)
    cards = [
        Card(
            component=one,
            form=FORM_NAMES[one.form],
            words=component_words(plan, one),
            curve=lines.get(one.code),
            first=place == 0,
            last=place == count - 1,
        )
        for place, one in enumerate(plan.components)
    ]
    return Built(version, plan, [], cards, plan_words(plan), shown, given, problem)


def worked_out(
    plan: Plan, quotas: Mapping[str, Decimal], target: Decimal, year: int
) -> tuple[dict[str, Curve], Example | None, str]:
    """The curves and the example, or a sentence about why there are none."""
    try:
        return curves(plan, quotas, target, CURVE, year), example(plan, quotas, target, year=year), ""
    except (OverflowError, ValueError) as error:
        return {}, None, f"No example can be worked out: {error}"
