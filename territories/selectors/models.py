"""Every read of territory models and their territories. Whoever only sells sees the own territories (a sales
manager those of the team); everybody else sees all."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.models import Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to, own_reps
from territories.models import (
    CoverageRole,
    ModelState,
    Placement,
    RoleKind,
    Territory,
    TerritoryModel,
    TerritoryRep,
)

# Placements of a model that is planned begin here: its days decide later which of them hold.
PLANNED_FROM = dt.date(1900, 1, 1)


def models_visible_to(user: Person | None) -> QuerySet[TerritoryModel]:
    """Territory models are open to everybody; what lies in them is not."""
    return TerritoryModel.objects.select_related("owner", "copied_from")


def with_counts(models: QuerySet[TerritoryModel]) -> QuerySet[TerritoryModel]:
    """With the number of territories and of rules."""
    return models.annotate(
        territory_count=Count("territories", distinct=True),
        rule_count=Count("territories__rules", filter=Q(territories__rules__is_active=True), distinct=True),
    )


def territories_visible_to(user: Person | None) -> QuerySet[Territory]:
    """All territories; of those who only sell, the ones in which they or their team have a role."""
    rows = Territory.objects.select_related("model", "parent", "role", "market")
    own = own_reps(user)
    if own is None:
        return rows
    mine = TerritoryRep.objects.filter(territory=OuterRef("pk"), rep__in=own.values("pk"))
    return rows.filter(Exists(mine))


def territories_once_in_force(user: Person | None) -> QuerySet[Territory]:
    """Of these, the ones that give owners and whose model was ever in force, the newest model first."""
    rows = territories_visible_to(user).filter(model__days__isnull=False, role=None)
    return rows.order_by("-model__days", "code")


def sees_all(user: Person | None) -> bool:
    """Whether the person sees every territory."""
    return own_reps(user) is None


def overlay_roles(user: Person | None) -> QuerySet[CoverageRole]:
    """The roles beside the owner that a territory may be for."""
    return CoverageRole.objects.filter(kind=RoleKind.OVERLAY, is_active=True)


def model_on(day: dt.date) -> TerritoryModel | None:
    """The model in force on a day."""
    return TerritoryModel.objects.filter(days__contains=day).first()


def active_model() -> TerritoryModel | None:
    """The model put into force last: it holds from its first day on."""
    return TerritoryModel.objects.filter(state=ModelState.ACTIVE).first()


def day_of(model: TerritoryModel, today: dt.date | None = None) -> dt.date:
    """The day on which a model is looked at: today, or the nearest of its days; for one in planning the
    day from which everything in it is placed."""
    if model.days is None:
        return PLANNED_FROM
    day = today or timezone.localdate()
    first, after = model.days.lower, model.days.upper
    if first is not None and day < first:
        return first
    return after - dt.timedelta(days=1) if after is not None and day >= after else day


def reps_day(model: TerritoryModel, today: dt.date | None = None) -> dt.date:
    """The day for which reps of a model are shown: reps are dated really, also while it is planned."""
    return (today or timezone.localdate()) if model.days is None else day_of(model, today)


def placements_visible_to(user: Person | None) -> QuerySet[Placement]:
    """Placements of the accounts that a person may see."""
    accounts = accounts_visible_to(user).order_by().values("pk")
    rows = Placement.objects.filter(account__in=accounts) if user is not None else Placement.objects.all()
    return rows.select_related("account", "territory", "role", "rule", "pin", "model")


def placements_on(model: TerritoryModel, day: dt.date, user: Person | None) -> QuerySet[Placement]:
    """Which account lies where on a day, of those a person may see."""
    return placements_visible_to(user).filter(model=model, days__contains=day, account__is_active=True)


@dataclass(frozen=True)
class Branch:
    """A territory in the tree, with what lies in it itself (not below)."""

    territory: Territory
    depth: int
    accounts: int
    rules: int
    owner: str
    reps: str

    @property
    def pk(self) -> int:
        """The territory's key, by which lists tell rows apart."""
        return int(self.territory.pk)


def tree_of(model: TerritoryModel, user: Person | None) -> list[Branch]:
    """The territories that a person may see, each below the one above, with counts of today."""
    rows = list(territories_visible_to(user).filter(model=model).order_by("code"))
    counts = _counts(placements_on(model, day_of(model), user).order_by().values("territory"))
    rules = _counts(Territory.objects.filter(model=model, rules__is_active=True).values("rules__territory"))
    reps = _reps_of(model)
    return [
        Branch(
            row,
            depth,
            counts.get(row.pk, 0),
            rules.get(row.pk, 0),
            reps.get((row.pk, True), ""),
            reps.get((row.pk, False), ""),
        )
        for row, depth in ordered(rows, key=lambda row: row.pk, up=lambda row: row.parent_id)
    ]


def ordered(rows: list[Any], *, key: Callable[[Any], Any], up: Callable[[Any], Any]) -> list[tuple[Any, int]]:
    """A tree from the top down, each row with its depth; rows whose parent is not shown are at the top."""
    shown = {key(row) for row in rows}
    below: dict[Any, list[Any]] = {}
    for row in rows:
        below.setdefault(up(row) if up(row) in shown else None, []).append(row)
    found: list[tuple[Any, int]] = []
    waiting = [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append((row, depth))
        waiting.extend((child, depth + 1) for child in reversed(below.get(key(row), [])))
    return found


def _counts(rows: QuerySet[Any]) -> dict[int, int]:
    """How many rows each value of the only column of a query has."""
    return {next(iter(row.values())): row["n"] for row in rows.annotate(n=Count("pk"))}


def _reps_of(model: TerritoryModel) -> dict[tuple[int, bool], str]:
    """Names by territory and whether they give the owner, or the overlay, of the territory itself."""
    rows = TerritoryRep.objects.filter(territory__model=model, days__contains=reps_day(model))
    found: dict[tuple[int, bool], list[str]] = {}
    for row in rows.select_related("rep", "role", "territory").order_by("role__name"):
        gives = row.role.kind == RoleKind.OWNER or row.role_id == row.territory.role_id
        text = row.rep.name if gives else f"{row.rep.name} ({row.role.name})"
        found.setdefault((row.territory_id, gives), []).append(text)
    return {key: ", ".join(names) for key, names in found.items()}


def unplaced(model: TerritoryModel, user: Person | None) -> QuerySet[Account]:
    """Gaps: active accounts without a territory that gives an owner, on the day the model is looked at."""
    placed = Placement.objects.filter(
        model=model, role=None, days__contains=day_of(model), account=OuterRef("pk")
    )
    rows = accounts_visible_to(user).filter(~Exists(placed), is_active=True)
    return rows.select_related("work", "owner", "market")


def vacant(model: TerritoryModel, user: Person | None) -> QuerySet[Territory]:
    """Gaps: territories that hold accounts but nobody owns them (or plays the overlay role) on the day."""
    reps = TerritoryRep.objects.filter(territory=OuterRef("pk"), days__contains=reps_day(model))
    gives = Exists(reps.filter(role__kind=RoleKind.OWNER))
    overlay = Exists(reps.filter(role=OuterRef("role")))
    held = Q(placements__days__contains=day_of(model), placements__account__is_active=True)
    rows = territories_visible_to(user).filter(model=model)
    rows = rows.annotate(held=Count("placements", filter=held)).order_by("-held", "code")
    return rows.filter(
        Q(held__gt=0) | Exists(Territory.objects.filter(rules__territory=OuterRef("pk")))
    ).filter((Q(role=None) & ~gives) | (Q(role__isnull=False) & ~overlay))
