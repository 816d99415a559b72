"""Promotions, launches and phase-outs: dated, with the units they move a month."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from psycopg2.extras import DateRange

from catalog.models import Market, Product
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.models import Person
from core.roles import PLANNERS, Role
from forecasting.services.masks import end_masks, mask_period
from planning.models import Cycle, DemandEvent, DemandEventKind, StageName
from planning.pipeline.consensus import has_consensus, recompute
from planning.selectors.demand_coverage import Level
from planning.selectors.demand_scope import outside_scope
from planning.services.data_stage import locked_in

MASKING = {DemandEventKind.PROMOTION.value, DemandEventKind.OTHER.value}


@transaction.atomic
def add_event(
    *,
    actor: Person | None,
    cycle: Cycle,
    kind: str,
    title: str,
    product: Product,
    first: dt.date,
    last: dt.date,
    units_a_month: Decimal | float | int,
    market: Market | None = None,
    owner: Person | None = None,
    note: str = "",
) -> DemandEvent:
    """Date an event, both days included; each month it touches gets `units_a_month` on top.

    Raises Invalid for days that end before they begin, Refused outside demand planning.
    """
    _may_date(actor)
    fresh = locked_in(cycle, StageName.DEMAND)
    _within_scope(actor, product, market)
    row = DemandEvent(
        cycle=fresh,
        kind=kind,
        title=title.strip(),
        product=product,
        market=market,
        period=_period(first, last),
        units_a_month=round(Decimal(str(units_a_month)), 4),
        owner=owner or actor or fresh.stages.get(name=StageName.DEMAND).owner,
        note=note.strip(),
    )
    added = create_row(actor=actor, row=row, verb="demand event added")
    mask_months(added)
    _work_in(fresh, [added])
    return added


@transaction.atomic
def change_event(
    *, actor: Person | None, event: DemandEvent, revision: int, changes: dict[str, Any]
) -> DemandEvent:
    """Change an event; `first` and `last` are its days. Raises Conflict after somebody else's save."""
    _may_date(actor)
    fresh = locked_in(event.cycle, StageName.DEMAND)
    before = DemandEvent.objects.get(pk=event.pk)
    wanted = dict(changes)
    if {"first", "last"} & wanted.keys():
        first = wanted.pop("first", before.period.lower)
        last = wanted.pop("last", None) or before.period.upper - dt.timedelta(days=1)
        wanted["period"] = _period(first, last)
    if "units_a_month" in wanted:
        wanted["units_a_month"] = round(Decimal(str(wanted["units_a_month"])), 4)
    for place in ({}, wanted):
        product, market = place.get("product", before.product), place.get("market", before.market)
        _within_scope(actor, product, market)
    changed = change_row(
        actor=actor, row=event, revision=revision, changes=wanted, verb="demand event changed"
    )
    mask_months(changed)
    _work_in(fresh, [before, changed])
    return changed


@transaction.atomic
def drop_event(*, actor: Person | None, event: DemandEvent, revision: int) -> DemandEvent:
    """Take an event's units off: it stays in the list, with 0 units a month."""
    return change_event(actor=actor, event=event, revision=revision, changes={"units_a_month": 0})


def mask_months(event: DemandEvent) -> None:
    """The months that a promotion moves say nothing about other months: forecasts pass over them."""
    source = mask_source(event)
    if event.kind in MASKING and event.units_a_month:
        mask_period(
            source=source,
            title=event.title,
            product=event.product,
            market=event.market,
            first=event.period.lower,
            last=event.last_day,
        )
    else:
        end_masks(sources=[source])


def unmask_months(cycle: Cycle) -> None:
    """The events of a cycle that is given up are called off."""
    end_masks(sources=[mask_source(event) for event in DemandEvent.objects.filter(cycle=cycle)])


def mask_source(event: DemandEvent) -> str:
    """What forecasting knows the event by."""
    return f"demand event {event.pk}"


def _may_date(actor: Person | None) -> None:
    require(actor, "demand.input")
    if actor is not None and not PLANNERS.union({Role.SERVICE}).intersection(actor.roles):
        raise Denied("Events are kept by the planners. Tell them, or give a sales number.")


def _within_scope(actor: Person | None, product: Product, market: Market | None) -> None:
    level = Level(product=product.pk, market=market.pk if market else None)
    if sentence := outside_scope(actor, level):
        raise Denied(sentence)


def _period(first: dt.date, last: dt.date) -> DateRange:
    if last < first:
        raise Invalid(Reason("The event ends before it begins. Change one of the days.", "invalid", "last"))
    return DateRange(first, last + dt.timedelta(days=1))


def _work_in(cycle: Cycle, events: list[DemandEvent]) -> None:
    if has_consensus(cycle):
        recompute(cycle, events=events)
