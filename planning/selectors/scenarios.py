"""Reading scenarios and comparing their plans."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from catalog.models import Family, Market, Resource
from core.models import Person
from planning.engine.scenario import Change
from planning.models import Cycle, Scenario

NAMED: dict[str, tuple[str, Any]] = {
    "family": ("families", Family),
    "market": ("markets", Market),
    "resource": ("resources", Resource),
}


def scenarios_visible_to(user: Person | None) -> QuerySet[Scenario]:
    """Every scenario, the base of a cycle first."""
    return Scenario.objects.select_related("cycle", "owner")


def scenarios_of(cycle: Cycle, user: Person | None = None) -> list[Scenario]:
    """The cycle's scenarios, the base first."""
    return list(scenarios_visible_to(user).filter(cycle=cycle).order_by("-is_base", "pk"))


def unknown_codes(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """The codes in changes that no family, market or resource has, with the list to look in."""
    unknown = []
    changes = list(changes)
    for field, (many, model) in NAMED.items():
        asked = {getattr(change, field) for change in changes} - {""}
        known = set(model.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()
        unknown += [(many, code) for code in sorted(asked - known)]
    return unknown
