"""Which demand units a statement about a family or product in a market covers."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.engine.months import months_from
from catalog.models import DemandUnit, Family, Market, Product
from core.errors import Invalid, Reason
from planning.models import ConsensusCell, Cycle

Ints = NDArray[np.int64]

UNITS_OF_CYCLE = """
    SELECT d.id, d.product_id, p.family_id, d.market_id
    FROM {cells} c
    JOIN {units} d ON d.id = c.demand_unit_id
    JOIN {products} p ON p.id = d.product_id
    WHERE c.cycle_id = %s AND c.month = %s
    ORDER BY d.id
"""
UNITS = """
    SELECT d.id, d.product_id, p.family_id, d.market_id
    FROM {units} d JOIN {products} p ON p.id = d.product_id
    WHERE d.id = ANY(%s)
    ORDER BY d.id
"""


@dataclass(frozen=True)
class Level:
    """What a statement is about: a family or a product or everything, in a market or in all."""

    family: int | None = None
    product: int | None = None
    market: int | None = None


class Trees:
    """The ids below each family and each market, themselves included. Two queries."""

    @cached_property
    def families(self) -> dict[int, list[int]]:
        """By family its own id and those of all below."""
        return _below(Family)

    @cached_property
    def markets(self) -> dict[int, list[int]]:
        """By market its own id and those of all below."""
        return _below(Market)


class Coverage:
    """The demand units of a cycle in the order of their ids, as arrays of (n,), and who is covered."""

    def __init__(self, rows: Ints, trees: Trees | None = None) -> None:
        self.ids, self.products, self.families, self.markets = rows.T
        self.trees = trees or Trees()

    @classmethod
    def of_cycle(cls, cycle: Cycle) -> "Coverage":
        """The units that have consensus cells."""
        return cls(_rows(UNITS_OF_CYCLE, [cycle.pk, cycle.month]))

    @classmethod
    def of_units(cls, ids: Ints) -> "Coverage":
        """These units, whether or not they have cells."""
        return cls(_rows(UNITS, [ids.tolist()]))

    def part(self, rows: Ints) -> "Coverage":
        """Only some of the units."""
        table = np.stack([self.ids, self.products, self.families, self.markets], axis=1)
        return Coverage(table[rows], self.trees)

    def rows(self, level: Level) -> Ints:
        """The places of the covered units in `ids`, in order."""
        covered = np.ones(self.ids.size, dtype=bool)
        if level.product is not None:
            covered &= self.products == level.product
        if level.family is not None:
            covered &= np.isin(self.families, self.trees.families.get(level.family, []))
        if level.market is not None:
            covered &= np.isin(self.markets, self.trees.markets.get(level.market, []))
        return np.flatnonzero(covered)


def months_of(cycle: Cycle) -> list[dt.date]:
    """The months of the cycle's horizon."""
    return months_from(cycle.month, cycle.horizon)


def require_planned(cycle: Cycle, month: dt.date) -> None:
    """Raise Invalid unless the month lies in the cycle's horizon."""
    months = months_of(cycle)
    if month not in months:
        text = f"{month:%b %Y} is not planned: {cycle} plans {months[0]:%b %Y} to {months[-1]:%b %Y}."
        raise Invalid(Reason(text, "outside_horizon", "month"))


def _rows(sql: str, params: list[Any]) -> Ints:
    names = {
        "cells": ConsensusCell._meta.db_table,
        "units": DemandUnit._meta.db_table,
        "products": Product._meta.db_table,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**names), params)
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)


def _below(model: type[Family] | type[Market]) -> dict[int, list[int]]:
    parents = dict(model._default_manager.values_list("pk", "parent_id"))
    below: dict[int, list[int]] = {key: [] for key in parents}
    for key in parents:
        above: int | None = key
        while above is not None:
            below[above].append(key)
            above = parents[above]
    return below
