"""Two territory models side by side: territories by code, rules by territory and name, accounts by where
they lie."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, QuerySet, Sum, Value, When

from core.models import Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from territories.models import Rule, Territory, TerritoryModel
from territories.selectors.models import day_of, territories_visible_to
from territories.selectors.rules import rules_visible_to, words_of

ADDED, GONE, CHANGED = "added", "gone", "changed"


@dataclass(frozen=True)
class Difference:
    """One territory or rule that differs. `what` says how, in words."""

    kind: str
    state: str
    name: str
    what: str


def territory_differences(
    before: TerritoryModel, after: TerritoryModel, user: Person | None
) -> list[Difference]:
    """Territories added, gone, moved, renamed or changed, of those a person may see."""
    return _differences("territory", _territories(before, user), _territories(after, user))


def rule_differences(before: TerritoryModel, after: TerritoryModel, user: Person | None) -> list[Difference]:
    """Rules added, gone or changed, of those a person may see."""
    return _differences("rule", _rules(before, user), _rules(after, user))


Shown = dict[tuple[str, ...], tuple[str, dict[str, str]]]


def _territories(model: TerritoryModel, user: Person | None) -> Shown:
    rows = territories_visible_to(user).filter(model=model).order_by("code")
    return {(row.code,): (str(row), _about_territory(row)) for row in rows}


def _about_territory(row: Territory) -> dict[str, str]:
    return {
        "name": row.name,
        "lies below": row.parent.code if row.parent else "nothing",
        "type": row.get_type_display(),
        "overlay role": str(row.role or "none"),
        "market": str(row.market or "none"),
    }


def _rules(model: TerritoryModel, user: Person | None) -> Shown:
    rows = rules_visible_to(user).filter(territory__model=model).order_by("territory__code", "pk")
    found: Shown = {}
    for row in rows:
        number = sum(key[:2] == (row.territory.code, row.name) for key in found)
        key = (row.territory.code, row.name, str(number))
        found[key] = (f"{row.name}, {row.territory.name}", _about_rule(row))
    return found


def _about_rule(row: Rule) -> dict[str, str]:
    return {
        "accounts": words_of(row),
        "priority": str(row.priority),
        "state": "on" if row.is_active else "off",
    }


def _differences(kind: str, before: Shown, after: Shown) -> list[Difference]:
    said: dict[str, Callable[[dict[str, str]], str]] = {
        "territory": lambda about: f"below {about['lies below']}",
        "rule": lambda about: about["accounts"],
    }
    found = [
        Difference(kind, GONE, name, said[kind](about))
        for key, (name, about) in before.items()
        if key not in after
    ]
    found += [
        Difference(kind, ADDED, name, said[kind](about))
        for key, (name, about) in after.items()
        if key not in before
    ]
    for key in [key for key in before if key in after]:
        old, (name, new) = before[key][1], after[key]
        if changes := [f"{label}: {old[label]} → {new[label]}" for label in old if old[label] != new[label]]:
            found.append(Difference(kind, CHANGED, name, "; ".join(changes)))
    return found


def account_differences(
    before: TerritoryModel, after: TerritoryModel, user: Person | None
) -> QuerySet[Account]:
    """The accounts of a person that lie elsewhere in the later model: `was`, `now` (names of territories,
    None for none), codes, and `change`: added, gone or moved. Territories with the same code are the same."""
    rows = accounts_visible_to(user).annotate(
        old=FilteredRelation("placements", condition=_held(before, day_of(before))),
        new=FilteredRelation("placements", condition=_held(after, day_of(after))),
        was=F("old__territory__name"),
        now=F("new__territory__name"),
        was_code=F("old__territory__code"),
        now_code=F("new__territory__code"),
        potential=F("work__potential"),
        change=Case(
            When(old__territory=None, then=Value("added")),
            When(new__territory=None, then=Value("gone")),
            default=Value("moved"),
            output_field=CharField(),
        ),
    )
    in_one = Q(was_code=None, now_code__isnull=False) | Q(was_code__isnull=False, now_code=None)
    return rows.filter(in_one | ~Q(was_code=F("now_code")) & Q(now_code__isnull=False), is_active=True)


def _held(model: TerritoryModel, day: dt.date) -> Q:
    return Q(placements__model=model, placements__role=None, placements__days__contains=day)


def account_sums(rows: QuerySet[Any]) -> dict[str, dict[str, Any]]:
    """How many accounts were added, lost and moved, with their potential (base currency a year)."""
    found: dict[str, dict[str, Any]] = {
        change: {"accounts": 0, "potential": 0} for change in ("added", "gone", "moved")
    }
    sums = rows.order_by().values("change").annotate(accounts=Count("pk"), money=Sum("work__potential"))
    for row in sums:
        found[row["change"]] = {"accounts": row["accounts"], "potential": row["money"] or 0}
    return found
