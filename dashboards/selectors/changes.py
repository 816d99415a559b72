"""What changed since the last visit: what happened in the cycle, and files that came in."""

import datetime as dt

from core.models import Event, Person
from planning.models import Cycle
from planning.selectors.timeline import timeline_of

SHOWN = 6


def changes_since(person: Person, cycle: Cycle, moment: dt.datetime) -> list[Event]:
    """What others did in the cycle since then, the newest first."""
    events = timeline_of(person, cycle, limit=4 * SHOWN)
    return [event for event in events if event.at > moment and event.actor_id != person.pk][:SHOWN]
