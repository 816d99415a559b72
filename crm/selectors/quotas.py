"""What reps should sell, by month: a place that a room above fills, since quotas are kept there."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.models import Person


@dataclass(frozen=True)
class Quota:
    """What a rep (or, without one, a market) should sell in a month, in base currency. Primary keys."""

    rep: int | None
    market: int | None
    month: dt.date
    amount: Decimal


Provider = Callable[[Person | None, dt.date, dt.date], list[Quota]]

# Rooms above append to it in their subjects.py; the last one that has quotas for the months wins.
providers: list[Provider] = []


def quotas(user: Person | None, first: dt.date, last: dt.date) -> list[Quota]:
    """The quotas a person may see, from the month of `first` to that of `last`."""
    first = first.replace(day=1)
    return next((found for ask in reversed(providers) if (found := ask(user, first, last))), [])
