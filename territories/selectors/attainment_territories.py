"""Attainment by territory and overlay of the model in force: what their accounts brought, with all that lies
below."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.db.models import F, FilteredRelation, Q

from core.models import Person
from crm.selectors.accounts import own_reps
from crm.selectors.pipeline_deals import AMOUNT, bare
from territories.models import (
    QuotaMeasure,
    RoleKind,
    Territory,
    TerritoryModel,
    TerritoryRep,
)
from territories.selectors.attainment import (
    Asked,
    Attainment,
    Line,
    Maker,
    Open,
    Pieces,
    attainment,
    decided,
    from_the_first,
    open_deals,
    past_spans,
    total_of,
)
from territories.selectors.attainment_sums import Group, Question, sums
from territories.selectors.quotas import quotas_of_territories

Paths = dict[int, list[int]]


def by_territory(user: Person | None, asked: Asked) -> Attainment:
    """The tree of the model in force on the period's last day (or today, while it runs); None holds what
    belongs to no territory."""
    model = model_of(asked)
    rows = {row.pk: row for row in _visible(user, asked, model, Group.TERRITORY)}
    single = _pieces(user, asked, model, set(rows), Group.TERRITORY)
    whole = total_of(single.values())
    whole.quota = _top_quotas(rows, single)
    whole.won, whole.lost = decided(user, asked)
    make = Maker(asked, whole)
    lines = [_line(make, row, depth, single, rows) for row, depth in _tree(rows)]
    outside = single.get(None)
    if outside is not None and (outside.closed or outside.open.amounts):
        lines.append(make.line("", "No territory", outside))
    return Attainment(
        asked, make.total(), [one for one in lines if one.quota or one.closed or one.open.amounts]
    )


def by_overlay(user: Person | None, asked: Asked) -> Attainment:
    """The overlays of that model, each with what its accounts brought, whoever owns them. An account lies in
    one overlay of each role: they do not add up, so that the total is that of all reps."""
    model = model_of(asked)
    rows = {row.pk: row for row in _visible(user, asked, model, Group.OVERLAY)}
    total = attainment(user, asked).total
    single = _pieces(user, asked, model, set(rows), Group.OVERLAY)
    whole = Pieces()
    whole.won, whole.lost = decided(user, asked)
    make = Maker(asked, whole)
    lines = [_line(make, row, depth, single, rows) for row, depth in _tree(rows)]
    return Attainment(asked, total, [one for one in lines if one.quota or one.closed or one.open.amounts])


def model_of(asked: Asked) -> TerritoryModel | None:
    """The model in force on the last day of the period, or today while it is not over."""
    return TerritoryModel.objects.filter(days__contains=day_of(asked)).first()


def day_of(asked: Asked) -> dt.date:
    """The day whose map is looked at."""
    return min(asked.period.last, max(asked.today, asked.period.first))


def territories_shown(user: Person | None, asked: Asked) -> list[Territory]:
    """The territories and overlays that a person sees lines of."""
    model = model_of(asked)
    groups = (Group.TERRITORY, Group.OVERLAY)
    return [row for group in groups for row in _visible(user, asked, model, group)]


def _visible(
    user: Person | None, asked: Asked, model: TerritoryModel | None, group: Group
) -> list[Territory]:
    """In the order of their codes. Those who sell see the ones that they have a role in, and what lies below
    them."""
    if model is None:
        return []
    overlays = group is Group.OVERLAY
    rows = list(Territory.objects.filter(model=model, role__isnull=not overlays).order_by("code"))
    own = own_reps(user)
    if own is None:
        return rows
    day = day_of(asked)
    held = TerritoryRep.objects.filter(territory__model=model, rep__in=own.values("pk"), days__contains=day)
    counts = held if overlays else held.exclude(role__kind=RoleKind.OVERLAY)
    mine = set(counts.values_list("territory_id", flat=True))
    above = {row.pk: row.parent_id for row in rows}
    return [row for row in rows if mine & set(_path(row.pk, above))]


def _path(key: int, above: dict[int, int | None]) -> list[int]:
    found, here = [], key
    while True:
        found.append(here)
        parent = above.get(here)
        if parent is None:
            return found
        here = parent


def _tree(rows: dict[int, Territory]) -> list[tuple[Territory, int]]:
    """Each territory under the one above it, with its depth."""
    children: dict[int | None, list[Territory]] = defaultdict(list)
    for row in rows.values():
        children[row.parent_id if row.parent_id in rows else None].append(row)
    found: list[tuple[Territory, int]] = []
    waiting = [(row, 0) for row in reversed(children[None])]
    while waiting:
        row, depth = waiting.pop()
        found.append((row, depth))
        waiting += [(child, depth + 1) for child in reversed(children[row.pk])]
    return found


def _line(
    make: Maker, row: Territory, depth: int, single: dict[int | None, Pieces], rows: dict[int, Territory]
) -> Line:
    above = {one.pk: one.parent_id for one in rows.values()}
    same = {key for key, one in rows.items() if one.role_id == row.role_id}
    below = [one for key, one in single.items() if key in same and row.pk in _path(key, above)]
    whole = total_of(below)
    whole.quota = single[row.pk].quota if row.pk in single else {}
    return make.line(row.code, row.name, whole, depth=depth, pk=row.pk)


def _top_quotas(rows: dict[int, Territory], single: dict[int | None, Pieces]) -> dict[dt.date, Decimal]:
    """A quota includes those below: only the uppermost that have one count for all."""
    above = {one.pk: one.parent_id for one in rows.values()}
    found = Pieces()
    for key in rows:
        one = single.get(key)
        higher = [up for up in _path(key, above)[1:] if up in single and single[up].quota]
        if one is not None and not higher:
            for month, amount in one.quota.items():
                found.add_quota(month, amount)
    return found.quota


def _pieces(
    user: Person | None, asked: Asked, model: TerritoryModel | None, seen: set[int], group: Group
) -> dict[int | None, Pieces]:
    found: dict[int | None, Pieces] = defaultdict(Pieces)
    for quota in quotas_of_territories(user, asked.period.first, asked.period.last, asked.measure):
        if quota.territory in seen:
            found[quota.territory].add_quota(quota.month, quota.amount)
    for one in sums(user, asked.question(group)):
        mine = found[one.key if one.key in seen else None]
        mine.closed += one.money
        mine.count += one.count
    if asked.is_over:
        return dict(found)
    for territory, open_ones in _open(user, asked, model, group).items():
        found[territory if territory in seen else None].open += open_ones
    for territory, values in _news(user, asked, seen, group).items():
        found[territory].news = values
    return dict(found)


def _news(user: Person | None, asked: Asked, seen: set[int], group: Group) -> dict[int | None, list[float]]:
    """What came new in the rest of past periods from the accounts that a territory has now: it inherits what
    they usually bring, also from before the model was in force."""
    spans = past_spans(asked)
    only_new = asked.measure == QuotaMeasure.BOOKINGS
    asking = Question(asked.measure, spans, group, asked.credit, only_new, placed_on=day_of(asked))
    rows = sums(user, asking)
    named = [one if one.key in seen else replace(one, key=None) for one in rows]
    return from_the_first(named, len(spans))


def _open(
    user: Person | None, asked: Asked, model: TerritoryModel | None, group: Group
) -> dict[int | None, Open]:
    if asked.measure != QuotaMeasure.BOOKINGS:
        return {}
    here = Q(
        account__placements__model=model,
        account__placements__role__isnull=group is Group.TERRITORY,
        account__placements__days__contains=max(asked.today, asked.period.first),
    )
    rows = bare(open_deals(user, asked)).annotate(
        placed=FilteredRelation("account__placements", condition=here), territory=F("placed__territory")
    )
    found: dict[int | None, list[tuple[float, float]]] = defaultdict(list)
    for key, money, chance in rows.annotate(money=AMOUNT).values_list("territory", "money", "chance"):
        found[key].append((float(money), float(chance)))
    return {key: Open(*(tuple(part) for part in zip(*many, strict=True))) for key, many in found.items()}
