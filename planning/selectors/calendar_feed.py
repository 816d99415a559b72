"""The calendar as iCalendar files and feeds (RFC 5545), and the secret addresses of the feeds.

Due days are events of a whole day, whose DTEND is the day after. An address is a signed text, not
stored anywhere; a newer one, or taking it back, ends it.
"""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.utils import timezone
from icalendar import Calendar
from icalendar import Event as Entry

from core.models import Person
from core.roles import can
from planning.engine.moves import STAGES
from planning.models import CalendarAddress, Meeting, Stage
from planning.selectors.calendar import Item, meeting_items, stage_items, task_items
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.tasks import tasks_of_person

BEHIND = dt.timedelta(days=60)  # meetings stay in a feed for two months
PRODUCT = "-//sopcycle//planning calendar//EN"
SALT = "planning.calendar"


def token_of(address: CalendarAddress) -> str:
    """The secret part of a feed's address."""
    return signing.dumps([address.person_id, address.number], salt=SALT)


def owner_of(token: str) -> Person | None:
    """Whose feed it is; None for an address that was taken back, replaced or made up."""
    try:
        person_id, number = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = CalendarAddress.objects.filter(
        person=person_id, number=number, is_active=True, person__is_active=True
    )
    address = found.select_related("person").first()
    return address.person if address and can(address.person, "cycle.view") else None


def feed_of(person: Person) -> bytes:
    """A person's calendar: the stages of open cycles, their own meetings, and their open tasks."""
    today = timezone.localdate()
    meetings = meetings_visible_to(person).filter(begins__gte=timezone.now() - BEHIND)
    own = Meeting.objects.filter(Q(owner=person) | Q(attendees=person)).values("pk")
    items = [
        *stage_items(Stage.objects.filter(cycle__stage__in=STAGES), today),
        *meeting_items(meetings.filter(pk__in=own)),
        *task_items(tasks_of_person(person), today),
    ]
    return _feed(items, f"sopcycle: {person.name}")


def meeting_feed(meeting: Meeting) -> bytes:
    """One meeting as a file."""
    return _feed(meeting_items([meeting]), meeting.title)


def _feed(items: Iterable[Item], name: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for item in items:
        calendar.add_component(_entry(item))
    return bytes(calendar.to_ical())


def _entry(item: Item) -> Entry:
    entry = Entry()
    entry.add("uid", f"{item.key}@sopcycle")
    entry.add("dtstamp", timezone.now())
    entry.add("summary", item.title)
    if item.at is None:
        entry.add("dtstart", item.day)
        entry.add("dtend", item.day + dt.timedelta(days=1))
    else:
        begins = item.at.astimezone(dt.UTC)
        entry.add("dtstart", begins)
        entry.add("dtend", begins + dt.timedelta(minutes=item.minutes_long))
    if item.place:
        entry.add("location", item.place)
    entry.add("description", f"{item.who}: {item.state}")
    entry.add("url", f"{settings.PUBLIC_URL}{item.url}")
    return entry
