"""What a cell of the consensus was made of: the streams, inputs and events that speak about it.

A working cell is made of what is said now; a frozen one of what was said when it was frozen, which
the tables' own history keeps.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from catalog.models import DemandUnit
from catalog.selectors import path_of
from planning.models import Cycle, DemandEvent, DemandInput, DemandVersion, Stream


@dataclass(frozen=True)
class Above:
    """A demand unit and everything above it: families and markets up to their roots, by id."""

    unit: DemandUnit
    families: tuple[int, ...]
    markets: tuple[int, ...]

    @classmethod
    def of(cls, unit: DemandUnit) -> "Above":
        """From the unit; reads its trees."""
        family, market = unit.product.family, unit.market
        families = [*path_of(family), family]
        return cls(unit, tuple(f.pk for f in families), tuple(m.pk for m in [*path_of(market), market]))

    @property
    def spoken_of(self) -> Q:
        """The condition of inputs that cover the unit."""
        what = Q(product=self.unit.product_id) | Q(family__in=self.families) | Q(family=None, product=None)
        return what & self.here

    @property
    def here(self) -> Q:
        """The condition of what is said about the unit's market, one above it, or all."""
        return Q(market=None) | Q(market__in=self.markets)


def inputs_about(cycle: Cycle, above: Above, month: dt.date, at: dt.datetime | None) -> list[DemandInput]:
    """The inputs that cover a cell, the last spoken first; as they were at a moment, if one is given."""
    condition = Q(above.spoken_of, cycle=cycle, month=month)
    rows = _as_of(DemandInput, condition, at) if at else list(DemandInput.objects.filter(condition))
    live = [row for row in rows if not row.is_withdrawn]
    return sorted(live, key=lambda row: row.written, reverse=True)


def events_about(cycle: Cycle, above: Above, month: dt.date, at: dt.datetime | None) -> list[DemandEvent]:
    """The dated events that move a cell."""
    end = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    condition = Q(above.here, cycle=cycle, product=above.unit.product_id, period__overlap=(month, end))
    return _as_of(DemandEvent, condition, at) if at else list(DemandEvent.objects.filter(condition))


def weights_at(cycle: Cycle, at: dt.datetime | None) -> dict[str, float]:
    """The weight of each stream, now or at a moment."""
    condition = Q(cycle=cycle)
    rows = _as_of(Stream, condition, at) if at else list(Stream.objects.filter(condition))
    return {row.name: float(row.weight) for row in rows}


def frozen_version(key: int) -> DemandVersion | None:
    """By its key; None without it. Whoever shows its cells cuts them to the reader's scope."""
    return DemandVersion.objects.select_related("cycle", "frozen_by").filter(pk=key).first()


def _as_of(model: type[Model], condition: Q, at: dt.datetime) -> list[Any]:
    """The rows as they were at a moment: of each the last kept version not later than that."""
    kept: Any = model._meta.get_field("history").related_model
    newest = kept.objects.filter(pgh_created_at__lte=at).order_by("pgh_obj_id", "-pgh_id")
    rows = newest.distinct("pgh_obj_id").values("pgh_id")
    return list(kept.objects.filter(condition, pgh_id__in=rows))
