"""Two versions of a plan side by side: what changed, by component and setting, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compensation.engine.plan import Component, Plan
from compensation.engine.plan_words import component_words
from compensation.engine.plan_writing import mapping_of

WHOLE_PLAN = "The whole plan"
LABELS = {
    "plan": "Name",
    "target_incentive": "Target incentive of a year",
    "year_begins": "Month in which the year begins",
    "places": "Decimal places",
    "quota": "Quota",
    "draw": "Draw",
    "clawback": "What is taken back",
    "name": "Name",
    "form": "Form of pay",
    "measure": "What counts",
    "period": "Paid by",
    "over": "Tiers add up over",
    "against": "Bounds are",
    "quota_of": "Compared with the quota",
    "gives": "Gives",
    "by": "Rates by",
    "weight": "Part of the target",
    "threshold": "Nothing below",
    "gate": "Gate",
    "multiplier": "Multiplier",
    "cap": "Cap",
    "border": "Exactly at a bound",
    "starts": "Counts from",
    "ends": "Counts up to",
}
BY_DEFAULT = "–"


@dataclass(frozen=True)
class Change:
    """A setting that differs; `before` and `after` in words, “–” where it is left to its default."""

    component: str
    setting: str
    before: str
    after: str


def changes_between(before: Plan, after: Plan) -> list[Change]:
    """Every difference, the whole plan first, then by component in the order of the later version."""
    was, now = mapping_of(before), mapping_of(after)
    found = list(_settings(WHOLE_PLAN, _without(was), _without(now)))
    old = {one.code: one for one in before.components}
    new = {one.code: one for one in after.components}
    old_said = {one["code"]: one for one in was.get("components", [])}
    new_said = {one["code"]: one for one in now.get("components", [])}
    for code, component in new.items():
        if code not in old:
            found.append(Change(component.name, "Component", "", f"Added. {_told(after, component)}"))
        else:
            found += _settings(component.name, old_said[code], new_said[code])
    for code, component in old.items():
        if code not in new:
            found.append(Change(component.name, "Component", _told(before, component), "Removed"))
    return [*found, *_order(before, after)]


def _order(before: Plan, after: Plan) -> Iterator[Change]:
    """Components pay in their order where one limits the other, and statements show it."""
    was = [one.code for one in before.components]
    now = [one.code for one in after.components]
    kept = [code for code in was if code in now]
    if kept != [code for code in now if code in was]:
        yield Change(WHOLE_PLAN, "Order of components", ", ".join(was), ", ".join(now))


def _without(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in {"components", "version"}}


def _settings(component: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*was, *now)):
        if was.get(name) != now.get(name):
            label = LABELS.get(name, name.replace("_", " ").capitalize())
            yield Change(component, label, in_words(was.get(name)), in_words(now.get(name)))


def _told(plan: Plan, component: Component) -> str:
    return " ".join(component_words(plan, component))


def in_words(value: Any) -> str:
    """A value of a plan's mapping as one line that reads: from 0, rate 5%; from 100%, rate 8%."""
    if value is None:
        return BY_DEFAULT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {in_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        joint = "; " if any(isinstance(one, list | Mapping) for one in value) else ", "
        return joint.join(_pair(one) for one in value)
    return str(value)


def _pair(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and not any(isinstance(one, list) for one in value):
        return f"{value[0]} → {value[1]}"
    return in_words(value)
