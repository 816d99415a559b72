"""The deals behind attainment in bookings: those that were won in a period, and those that can still be."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import Combinable

from core.models import Person
from crm.models import Deal
from crm.selectors.bookings import won_deals
from crm.selectors.pipeline_deals import AMOUNT, CHANCE, WEIGHTED
from territories.models import Placement, Territory
from territories.selectors.attainment import Asked, open_deals
from territories.selectors.attainment_territories import territories_shown

WON, OPEN = "won", "open"


def counted_deals(user: Person | None, asked: Asked, state: str) -> QuerySet[Deal, Any]:
    """The deals that a period's numbers are made of: won in it, or open and to close in it; nothing is open
    in a period that is over. Each has `money` and `weighted` in base currency, and `chance` (0 to 1)."""
    rows: Any = won_deals(user, asked.period.first, asked.period.last)
    if state == OPEN:
        rows = open_deals(user, asked).none() if asked.is_over else open_deals(user, asked)
    return rows.annotate(money=AMOUNT, chance=CHANCE, weighted=WEIGHTED)


def territories_of(user: Person | None, asked: Asked) -> QuerySet[Territory]:
    """The territories whose deals or lines a person may ask for: those that have a line of their own."""
    keys = [row.pk for row in territories_shown(user, asked)]
    return Territory.objects.filter(pk__in=keys).order_by("code")


def lying_in(
    rows: Any, territory: Territory | None, shown: QuerySet[Territory], day: Combinable | dt.date
) -> Any:
    """The rows whose account lay on a day in a territory, or below it, by the model in force on that day;
    without a territory: those whose account lay in none of those that are `shown`."""
    role = None if territory is None else territory.role_id
    placed = Placement.objects.filter(
        account=OuterRef("account"), role=role, days__contains=day, model__days__contains=day
    )
    if territory is None:
        return rows.filter(~Exists(placed.filter(territory__in=shown.order_by().values("pk"))))
    return rows.filter(Exists(placed.filter(territory__in=with_below(territory))))


def day_of_state(asked: Asked, state: str) -> Combinable | dt.date:
    """The day that decides where a deal counts: the day it was won; today, or the first day of a period that
    is yet to begin, for what is open."""
    return max(asked.today, asked.period.first) if state == OPEN else OuterRef("closed")


def with_below(territory: Territory) -> set[int]:
    """The keys of a territory and of all below it."""
    found, level = {territory.pk}, {territory.pk}
    while level:
        level = set(Territory.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        found |= level
    return found
