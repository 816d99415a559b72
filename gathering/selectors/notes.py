"""Reading campaigns and market notes within the person's scope."""

import datetime as dt
from typing import Any

from django.db.models import Model, Q, QuerySet

from catalog.selectors import reach_of
from core.models import Person
from gathering.models import Campaign, MarketNote


def campaigns_visible_to(user: Person | None) -> QuerySet[Campaign]:
    """Campaigns for the person's families and markets, and those for all."""
    return _in_reach(Campaign, user).select_related("owner").prefetch_related("markets", "families")


def market_notes_visible_to(user: Person | None) -> QuerySet[MarketNote]:
    """Notes about the person's families and markets, and those about all."""
    return _in_reach(MarketNote, user).select_related("owner").prefetch_related("markets", "families")


def notes_between(rows: QuerySet, first: dt.date, end: dt.date) -> QuerySet:
    """Those that touch the days from `first` up to but without `end`."""
    return rows.filter(period__overlap=(first, end)).order_by("period", "pk")


def campaigns_of_unit(
    user: Person | None, family_ids: list[int], market_ids: list[int]
) -> QuerySet[Campaign]:
    """Campaigns that reach a demand unit: its families up the tree and its markets up the tree."""
    rows = campaigns_visible_to(user)
    for_family = Q(families=None) | Q(families__in=family_ids)
    for_market = Q(markets=None) | Q(markets__in=market_ids)
    return rows.filter(for_family, for_market).distinct().order_by("period")


def _in_reach(model: type[Model], user: Person | None) -> QuerySet[Any]:
    reach = reach_of(user)
    rows: QuerySet[Any] = model._default_manager.all()
    if reach.families:
        inside = model._default_manager.filter(reach.of_family("families")).values("pk")
        rows = rows.filter(Q(families=None) | Q(pk__in=inside))
    if reach.markets:
        inside = model._default_manager.filter(reach.of_market("markets")).values("pk")
        rows = rows.filter(Q(markets=None) | Q(pk__in=inside))
    return rows
