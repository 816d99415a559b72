"""A small pipeline whose every number can be counted by hand, told as events like any CRM's."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import count

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from catalog.models import Family, Market, Product, Unit
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Account, Deal, DealStage, Rep, Team, TeamMembership
from crm.pipeline.deals import apply_deal_events

STAGES = (
    ("prospect", "Prospecting", "open", "0.1", "pipeline"),
    ("offer", "Offer", "open", "0.4", "best_case"),
    ("contract", "Contract", "open", "0.8", "commit"),
    ("won", "Won", "won", "1", "closed"),
    ("lost", "Lost", "lost", "0", "omitted"),
)
_numbers = count(1)


def day(ago: int) -> dt.date:
    """So many days before today; negative lies ahead."""
    return timezone.localdate() - dt.timedelta(days=ago)


def moment(ago: float) -> dt.datetime:
    """Noon, so many days ago."""
    noon = dt.datetime.combine(timezone.localdate(), dt.time(12), tzinfo=dt.UTC)
    return noon - dt.timedelta(days=ago)


def told(external_id: str, ago: float, **fields: object) -> Event:
    """An event about a deal, so many days ago."""
    named = {name: "" if value is None else str(value) for name, value in fields.items()}
    return Event("deal", external_id, EventKind.CHANGE, moment(ago), f"told-{next(_numbers):08d}", 0, named)


def tell(
    external_id: str, ago: float, *, kind: EventKind = EventKind.CHANGE, into: str = "", **fields: object
) -> None:
    """Tell of a deal, so many days ago; `into` merges it into another."""
    event = replace(told(external_id, ago, **fields), kind=kind)
    if into:
        event = replace(event, kind=EventKind.MERGE, external_id=into, merged=(external_id,))
    tell_all(event)


def tell_all(*events: Event) -> None:
    """Tell several at once."""
    with transaction.atomic():
        outcomes = {settled.outcome for settled in apply_deal_events("crm", events)}
    assert outcomes <= {"applied", "partly", "superseded"}, outcomes


def deal(external_id: str) -> Deal:
    return Deal.objects.get(source="crm", external_id=external_id)


def stages() -> dict[str, DealStage]:
    """The usual way from a first call to a signature."""
    return {
        code: DealStage.objects.create(
            code=code,
            name=name,
            position=10 * place,
            kind=kind,
            probability=Decimal(chance),
            category=category,
        )
        for place, (code, name, kind, chance, category) in enumerate(STAGES, start=1)
    }


def sellers(codes: Iterable[str] = ("INA", "BEN")) -> dict[str, Rep]:
    return {code: Rep.objects.create(code=code, name=code.title()) for code in codes}


def team_of(code: str, *reps: Rep, since: int = 400, until: int | None = None) -> Team:
    """A team with these reps from so many days ago on."""
    team, _ = Team.objects.get_or_create(code=code, defaults={"name": code.title()})
    for rep in reps:
        days = (day(since), None if until is None else day(until))
        TeamMembership.objects.create(team=team, rep=rep, days=days)
    return team


def things() -> None:
    """A product in a family, a market, and accounts of two industries and sizes."""
    unit = Unit.objects.create(code="PC", name="Piece")
    tools = Family.objects.create(code="TOOLS", name="Tools")
    Product.objects.create(code="SAW", name="Saw", family=tools, unit=unit)
    north = Market.objects.create(code="NORTH", name="North")
    Account.objects.create(code="ALDER", name="Alder Ltd", industry="Timber", employees=12, market=north)
    Account.objects.create(code="BEECH", name="Beech plc", industry="Paper", employees=900)


def a_way_of_selling() -> None:
    """Stages, sellers and things, and nothing remembered of another test's funnel."""
    cache.clear()
    stages()
    sellers()
    things()
