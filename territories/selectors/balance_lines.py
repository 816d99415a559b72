"""Balance: what each territory or rep has of every measure, how even that is, and how it was before."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Q

from core.models import Person
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.engine.account_table import MEASURES, NOBODY, AccountTable, totals_by
from territories.engine.evenness import Evenness, evenness
from territories.engine.problem import Floats, Ints
from territories.models import RepBase, RoleKind, Territory, TerritoryModel, TerritoryRep
from territories.selectors.balance import measures_of

WEIGHTS = {"potential": 60.0, "workload": 40.0, "revenue": 0.0, "accounts": 0.0}


@dataclass(frozen=True)
class Asked:
    """By what balance is looked at. `model` None: by the CRM's owners; then `by` is always the rep."""

    model: TerritoryModel | None
    day: dt.date
    by: str = "territory"
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))


@dataclass(frozen=True)
class Line:
    """One territory or rep. Money in base currency, a year; workload in hours a year; km straight lines.
    `hours`: what the rep has a year for calls and travel. `index` 100 is just its part; `before` that of the
    comparison."""

    pk: int
    code: str
    name: str
    rep: str
    share: float
    hours: float | None
    accounts: int
    potential: float
    revenue: float
    workload: float
    index: float
    by_measure: Mapping[str, float]
    mean_km: float | None
    total_km: float
    before: float | None = None

    @property
    def deviation(self) -> float:
        """How far from its part, 0.05 for 5 % more."""
        return self.index / 100 - 1

    @property
    def use(self) -> float | None:
        """The workload as a part of the rep's hours; None where these are not known."""
        return self.workload / self.hours if self.hours else None

    @property
    def change(self) -> float | None:
        """How much its index moved; None without one before."""
        return None if self.before is None else self.index - self.before


@dataclass(frozen=True)
class Left:
    """What has nobody, and what is not known of the accounts."""

    accounts: int
    potential: float
    revenue: float
    without_place: int
    without_work: int


@dataclass(frozen=True)
class Spread:
    """Balance on a day: the lines, furthest off first, and how even they are."""

    asked: Asked
    lines: list[Line]
    evenness: Evenness
    left: Left
    mean_km: float | None
    total_km: float


@dataclass(frozen=True)
class Group:
    """A territory or a rep that has a part of everything."""

    pk: int
    code: str
    name: str
    rep: str
    share: float
    hours: float | None


def spread(user: Person | None, asked: Asked, than: Asked | None = None) -> Spread:
    """Balance of what a person may see; with `than`, each line says what its index was there (reps are
    the same by themselves, territories by their code)."""
    table = measures_of(asked.model, asked.day, user=user)
    before = _indexes(user, than) if than else {}
    groups = sorted(_groups(user, asked, table), key=lambda group: group.pk)
    owner = table.rep if asked.by == "rep" or asked.model is None else table.territory
    keys = np.array([group.pk for group in groups], dtype=np.int64)
    totals = {name: totals_by(owner, keys, table.amounts(name)) for name in MEASURES}
    even = evenness(totals, np.array([group.share for group in groups], dtype=np.float64), asked.weights)
    ways = _ways(owner, keys, table.km)
    lines = [_line(place, group, totals, even, ways, before) for place, group in enumerate(groups)]
    lines.sort(key=lambda line: (-abs(line.deviation), line.name))
    mean, total = _way(table.km)
    return Spread(asked, lines, even, _left(table, owner, keys), mean, total)


def _indexes(user: Person | None, than: Asked) -> dict[str, float]:
    return {line.code: line.index for line in spread(user, than).lines}


def _groups(user: Person | None, asked: Asked, table: AccountTable) -> list[Group]:
    if asked.by == "rep" or asked.model is None:
        return _reps(user, asked, table)
    return _territories(user, asked, table)


def _reps(user: Person | None, asked: Asked, table: AccountTable) -> list[Group]:
    """The reps who own a territory on the day, or any account."""
    owns = Q(pk__in=set(table.rep.tolist()))
    if asked.model:
        of_model = TerritoryRep.objects.filter(territory__model=asked.model, **_owning(asked.day))
        owns |= Q(pk__in=of_model.values("rep"))
    rows = reps_visible_to(user).filter(owns).select_related(None).select_related("base")
    return [Group(rep.pk, rep.code, rep.name, rep.name, _share(rep), _hours(rep)) for rep in rows]


def _territories(user: Person | None, asked: Asked, table: AccountTable) -> list[Group]:
    """The territories that have an owner on the day, or any account. A rep with several has the share
    divided among them; a territory without a rep counts as a full one."""
    owners = TerritoryRep.objects.filter(territory__model=asked.model, **_owning(asked.day))
    visible = owners.filter(rep__in=reps_visible_to(user).order_by().values("pk"))
    rep_of = {row.territory_id: row.rep for row in visible.select_related("rep__base")}
    count: dict[int, int] = {}
    for rep in rep_of.values():
        count[rep.pk] = count.get(rep.pk, 0) + 1
    held = set(table.territory.tolist()) - {NOBODY}
    rows = Territory.objects.filter(model=asked.model, role=None, pk__in={*held, *rep_of})
    found = []
    for row in rows.order_by("code"):
        owner = rep_of.get(row.pk)
        part = count[owner.pk] if owner else 1
        hours = _hours(owner) if owner else None
        share, name = (_share(owner), owner.name) if owner else (1.0, "")
        found.append(Group(row.pk, row.code, row.name, name, share / part, hours / part if hours else None))
    return found


def _owning(day: dt.date) -> dict[str, Any]:
    return {"role__kind": RoleKind.OWNER, "days__contains": day}


def _share(rep: Rep) -> float:
    base: RepBase | None = getattr(rep, "base", None)
    return float(base.share) if base else 1.0


def _hours(rep: Rep) -> float | None:
    base: RepBase | None = getattr(rep, "base", None)
    return float(base.hours_a_year) if base and base.hours_a_year else None


def _line(
    place: int,
    group: Group,
    totals: dict[str, Floats],
    even: Evenness,
    ways: tuple[Floats, Floats],
    before: dict[str, float],
) -> Line:
    counts, sums = ways
    return Line(
        **vars(group),
        accounts=int(totals["accounts"][place]),
        potential=float(totals["potential"][place]),
        revenue=float(totals["revenue"][place]),
        workload=float(totals["workload"][place]),
        index=float(even.together.index[place]),
        by_measure={name: float(one.index[place]) for name, one in even.by_measure.items()},
        mean_km=float(sums[place] / counts[place]) if counts[place] else None,
        total_km=float(sums[place]),
        before=before.get(group.code),
    )


def _ways(owner: Ints, keys: Ints, km: Floats) -> tuple[Floats, Floats]:
    """By group: how many accounts have a known way to their base, and the sum of these in km."""
    known = ~np.isnan(km)
    counts = totals_by(owner[known], keys, np.ones(int(known.sum())))
    return counts, totals_by(owner[known], keys, km[known])


def _way(km: Floats) -> tuple[float | None, float]:
    known = km[~np.isnan(km)]
    return (float(known.mean()) if len(known) else None), float(known.sum())


def _left(table: AccountTable, owner: Ints, keys: Ints) -> Left:
    alone = ~np.isin(owner, keys)
    return Left(
        accounts=int(alone.sum()),
        potential=float(table.potential[alone].sum()),
        revenue=float(table.revenue[alone].sum()),
        without_place=int(np.isnan(table.place).any(axis=1).sum()),
        without_work=int((table.calls * table.hours_a_call <= 0).sum()),
    )
