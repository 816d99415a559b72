"""The map: where accounts and bases are, and whose. Accounts without a place of their own stand in the
middle of their country, marked as approximate; those without a known country stand nowhere."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from core.models import Person
from territories.engine.places import Region, names_on_map, region_of
from territories.models import RepBase, RoleKind, Territory, TerritoryModel, TerritoryRep
from territories.selectors.balance import placed_accounts
from territories.selectors.work import rep_bases_visible_to

NONE = "none"
COLUMNS = ("pk", "code", "name", "country", "region", "work__latitude", "work__longitude", "work__potential")


@dataclass(frozen=True)
class Group:
    """A territory or rep on the map; `place` counts from 0 and decides colour and shape. Accounts of
    nobody have the code `none`."""

    place: int
    code: str
    name: str
    accounts: int


@dataclass(frozen=True)
class Point:
    """An account. `group`: place of its group. Approximate: the middle of its country."""

    account: int
    code: str
    name: str
    latitude: float
    longitude: float
    group: int
    potential: float | None
    approximate: bool


@dataclass(frozen=True)
class Shade:
    """A region with accounts that have no place of their own: the group that has most of them there."""

    name: str
    shapes: list[str]
    accounts: int
    group: int


@dataclass(frozen=True)
class Base:
    """Where a rep works from; `group` is the colour of the rep's accounts."""

    rep: str
    latitude: float
    longitude: float
    group: int | None


@dataclass(frozen=True)
class Map:
    """All of it. `nowhere`: how many accounts have neither a place nor a known country."""

    groups: list[Group]
    points: list[Point]
    shades: list[Shade]
    bases: list[Base]
    approximate: int
    nowhere: int


def accounts_on_map(
    user: Person | None, model: TerritoryModel | None, day: dt.date, by: str
) -> QuerySet[Any]:
    """The accounts a person may see with `whose` and `whose_name`: code and name of the territory or rep
    that has each on the day; empty where nobody has it."""
    rows = placed_accounts(model, day, user)
    if model is None:
        return rows.annotate(whose=F("owner__code"), whose_name=F("owner__name"))
    if by == "territory":
        return rows.annotate(whose=F("placed__territory__code"), whose_name=F("placed__territory__name"))
    owner = TerritoryRep.objects.filter(
        territory=OuterRef("placed__territory"), role__kind=RoleKind.OWNER, days__contains=day
    )
    return rows.annotate(
        whose=Subquery(owner.values("rep__code")[:1]), whose_name=Subquery(owner.values("rep__name")[:1])
    )


def of_group(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Only the accounts of one territory or rep, or of nobody."""
    return rows.filter(whose__isnull=True) if code == NONE else rows.filter(whose=code)


def map_of(user: Person | None, model: TerritoryModel | None, day: dt.date, by: str, only: str = "") -> Map:
    """What a person may see of the map; `only` the accounts of one group, whose colours stay."""
    rows = accounts_on_map(user, model, day, by)
    groups = _groups(rows)
    places = {group.code: group.place for group in groups}
    shown = (of_group(rows, only) if only else rows).order_by("name", "pk")  # as the table: arrows follow
    points, shades, nowhere = spread(shown.values_list(*COLUMNS, "whose"), places)
    rough = sum(shade.accounts for shade in shades)
    bases = bases_on_map(user, model, day, by, places, only)
    return Map(groups, points, shades, bases, rough, nowhere)


def spread(rows: Iterable[Any], places: Mapping[str, int]) -> tuple[list[Point], list[Shade], int]:
    """Points and shaded regions of rows of COLUMNS and the code of who has each, and how many have no place.
    places: code → place of the group."""
    points: list[Point] = []
    inside: dict[Region, Counter[int]] = {}
    nowhere = 0
    for *account, latitude, longitude, potential, whose in rows:
        pk, code, name, country, region = account
        group, found = places[whose or NONE], None
        if latitude is None:
            found = region_of(country, region)
            if found is None:
                nowhere += 1
                continue
            inside.setdefault(found, Counter())[group] += 1
            latitude, longitude = found.latitude, found.longitude
        worth = None if potential is None else float(potential)
        points.append(Point(pk, code, name, latitude, longitude, group, worth, found is not None))
    return points, [_shade(region, counts) for region, counts in inside.items()], nowhere


def _groups(rows: QuerySet[Any]) -> list[Group]:
    """In the order of their names, nobody last: the same colours whatever is left out."""
    counts: Counter[tuple[str, str]] = Counter(
        (code or NONE, name or "Nobody") for code, name in rows.order_by().values_list("whose", "whose_name")
    )
    ordered = sorted(counts, key=lambda one: (one[0] == NONE, one[1], one[0]))
    return [Group(place, *key, counts[key]) for place, key in enumerate(ordered)]


def _shade(region: Region, counts: Counter[int]) -> Shade:
    most = min(counts, key=lambda group: (-counts[group], group))
    return Shade(region.name, names_on_map(region.name), counts.total(), most)


def bases_on_map(
    user: Person | None,
    model: TerritoryModel | None,
    day: dt.date,
    by: str,
    places: Mapping[str, int],
    only: str = "",
) -> list[Base]:
    """Where the visible reps start from, each in the colour of what it has."""
    rows = rep_bases_visible_to(user).filter(latitude__isnull=False, rep__is_active=True)
    group_of = _groups_of_reps(model, day) if model and by == "territory" else {}
    found = []
    for base in rows.order_by("rep__name"):
        code = group_of.get(base.rep_id) if group_of or (model and by == "territory") else base.rep.code
        if only and code != only:
            continue
        found.append(Base(base.rep.name, *_place(base), places.get(code) if code else None))
    return found


def _place(base: RepBase) -> tuple[float, float]:
    return float(base.latitude or 0), float(base.longitude or 0)


def _groups_of_reps(model: TerritoryModel, day: dt.date) -> dict[int, str]:
    """rep → the code of the first territory that the rep owns."""
    owning = Q(reps__role__kind=RoleKind.OWNER, reps__days__contains=day)
    rows: Any = Territory.objects.filter(owning, model=model).order_by("-code")
    return dict(rows.values_list("reps__rep_id", "code"))
