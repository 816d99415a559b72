"""A slice of a plan or of facts: a family and a market with all below them, and a span of months."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import Family, Market
from catalog.selectors.below import families_below, markets_below
from catalog.selectors.scope import families_visible_to, markets_visible_to, reach_of
from core.models import Person


@dataclass(frozen=True)
class Slice:
    """`family` and `market` are None for everything the person may see; months include both ends."""

    user: Person | None
    family: Family | None
    market: Market | None
    first: dt.date
    last: dt.date

    def of(self, rows: QuerySet[Any], family: str, market: str) -> QuerySet[Any]:
        """The rows inside, by the paths of their family and market columns."""
        reach = reach_of(self.user)
        inside = Q(reach.of_family(family), reach.of_market(market), month__range=(self.first, self.last))
        if self.family is not None:
            inside &= Q(**{f"{family}__in": families_below([self.family.pk])})
        if self.market is not None:
            inside &= Q(**{f"{market}__in": markets_below([self.market.pk])})
        return rows.filter(inside)

    @property
    def months(self) -> str:
        """The months in words: Jan 2026, or Jan 2026 to Jun 2027."""
        begin = f"{self.first:%b %Y}"
        return begin if self.first == self.last else f"{begin} to {self.last:%b %Y}"

    @property
    def place(self) -> str:
        """What and where in words: Touring skis in Tyrol."""
        what = self.family.name if self.family else "Everything"
        return f"{what} in {self.market.name if self.market else 'all markets'}"

    def __str__(self) -> str:
        return f"{self.place}, {self.months}"


def slice_of(
    user: Person | None, family: int | None, market: int | None, first: dt.date, last: dt.date
) -> Slice | None:
    """The slice, or None where the person may not see that family or market."""
    below = families_visible_to(user).filter(pk=family).first() if family else None
    where = markets_visible_to(user).filter(pk=market).first() if market else None
    if (family and below is None) or (market and where is None):
        return None
    return Slice(user, below, where, first, last)
