"""A scenario on the map: whose each account is now or would be then, what moves and what is locked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from core.models import Person
from territories.models import Scenario, ScenarioAccount
from territories.selectors.map_points import NONE, Group, Map, bases_on_map, spread

BEFORE, AFTER = "before", "after"
PLACE = (
    *("account", "account__code", "account__name", "account__country", "account__region"),
    *("account__work__latitude", "account__work__longitude", "potential"),
)
TERRITORIES = (
    *("from_territory__code", "from_territory__name", "to_territory__code", "to_territory__name"),
    *("from_rep", "to_rep", "locked"),
)


@dataclass(frozen=True)
class Mark:
    """What a person should know of an account: it moves, it is locked, and both in words."""

    moves: bool
    locked: bool
    words: str


@dataclass(frozen=True)
class ScenarioMap:
    """found: the map on one side of the scenario's day. marks: in the order of its points."""

    found: Map
    marks: list[Mark]


def map_of_scenario(
    user: Person | None, scenario: Scenario, rows: QuerySet[ScenarioAccount], when: str
) -> ScenarioMap:
    """The accounts of these rows in the colours of their territories before or after; a territory has one
    colour on both sides, whatever is left out."""
    everything = list(rows.order_by("account__name", "pk").values_list(*PLACE, *TERRITORIES))
    groups = _groups(scenario, everything, when)
    places = {group.code: group.place for group in groups}
    seen = ((*row[: len(PLACE)], row[_whose(when)]) for row in everything)
    points, shades, nowhere = spread(seen, places)
    rough = sum(shade.accounts for shade in shades)
    bases = bases_on_map(user, scenario.model, scenario.publish_on, "territory", places)
    marks = {row[0]: _mark(row[len(PLACE) :]) for row in everything}
    found = Map(groups, points, shades, bases, rough, nowhere)
    return ScenarioMap(found, [marks[point.account] for point in points])


def _groups(scenario: Scenario, rows: Sequence[Any], when: str) -> list[Group]:
    """Every territory that the scenario takes from or gives to, in the order of names, and nobody last."""
    everything = scenario.accounts.order_by()
    used = Q(pk__in=everything.values("from_territory")) | Q(pk__in=everything.values("to_territory"))
    names = dict(scenario.model.territories.filter(used).order_by("name", "code").values_list("code", "name"))
    names[NONE] = "Nobody"
    counts = Counter(row[_whose(when)] or NONE for row in rows)
    return [Group(place, code, name, counts[code]) for place, (code, name) in enumerate(names.items())]


def _whose(when: str) -> int:
    return len(PLACE) + (0 if when == BEFORE else 2)


def _mark(row: Sequence[Any]) -> Mark:
    was, was_name, then, then_name, from_rep, to_rep, locked = row
    moves = (was, from_rep) != (then, to_rep)
    parts = []
    if was != then:
        parts.append(f"From {was_name or 'nobody'} to {then_name or 'nobody'}")
    elif moves:
        parts.append(f"Stays in {then_name or 'no territory'}, with another rep")
    if locked:
        parts.append("locked" if parts else "Locked")
    return Mark(moves, locked, ", ".join(parts))
