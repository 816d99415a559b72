"""What changed since the last visit: what others did in the cycle."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max

from core.models import Event, Person
from dashboards.selectors.remembered import remembered
from planning.models import Cycle
from planning.selectors.timeline import timeline_of

SHOWN = 6
LOOKED_AT = 4 * SHOWN


@dataclass(frozen=True)
class Change:
    """One event in short."""

    verb: str
    about: str
    who: str
    who_id: int | None
    at: dt.datetime


def changes_since(person: Person, cycle: Cycle, moment: dt.datetime) -> list[Change]:
    """What others did in the cycle since then, the newest first.

    The timeline is remembered until the next event: the log is only ever added to.
    """
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"]
    key = [person.pk, sorted(person.roles), cycle.pk, newest]
    changes: list[Change] = remembered("changes", person, key, lambda: _timeline(person, cycle))
    return [one for one in changes if one.at > moment and one.who_id != person.pk][:SHOWN]


def _timeline(person: Person, cycle: Cycle) -> list[Change]:
    return [
        Change(
            verb=event.verb,
            about=event.subject_label,
            who=event.actor.name if event.actor else "the system",
            who_id=event.actor_id,
            at=event.at,
        )
        for event in timeline_of(person, cycle, limit=LOOKED_AT)
    ]
