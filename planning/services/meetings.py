"""Meetings of a cycle: planned, held, and written up; what was agreed becomes tasks."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.events import record
from core.models import Person
from core.roles import can
from core.services.notifications import notify
from planning.models import Cycle, Meeting
from planning.selectors.addresses import meeting_path
from planning.selectors.meetings import agenda_for
from planning.services.tasks import add_task


@dataclass(frozen=True)
class Action:
    """A line of the minutes: what somebody does by a day."""

    title: str
    owner: Person
    due: dt.date


@transaction.atomic
def add_meeting(
    *,
    actor: Person | None,
    cycle: Cycle,
    stage: str,
    title: str,
    begins: dt.datetime,
    owner: Person,
    attendees: Iterable[Person] = (),
    agenda: str | None = None,
    minutes_long: int = 60,
    place: str = "",
) -> Meeting:
    """Plan a meeting and invite its people. Without an agenda it gets the stage's, with what is open."""
    require(actor, "cycle.plan")
    meeting = create_row(
        actor=actor,
        row=Meeting(
            cycle=cycle,
            stage=stage,
            title=title,
            begins=begins,
            owner=owner,
            agenda=agenda_for(cycle, stage) if agenda is None else agenda,
            minutes_long=minutes_long,
            place=place,
        ),
        verb="meeting planned",
    )
    meeting.attendees.set(attendees)
    _invite(meeting, [owner, *meeting.attendees.all()], actor, "You are invited")
    return meeting


@transaction.atomic
def change_meeting(
    *, actor: Person | None, meeting: Meeting, revision: int, changes: dict[str, Any]
) -> Meeting:
    """Change a meeting; another time or place is told to everybody, an invitation to the newly invited.

    Raises Conflict after somebody else's save.
    """
    _refuse_others(actor, meeting)
    changes = dict(changes)
    attendees = changes.pop("attendees", None)
    before = set(meeting.attendees.all())
    fresh = change_row(actor=actor, row=meeting, revision=revision, changes=changes, verb="meeting changed")
    if attendees is not None:
        _set_attendees(actor, fresh, before, list(attendees))
    new = set(fresh.attendees.all()) - before
    _invite(fresh, new, actor, "You are invited")
    if (fresh.begins, fresh.place) != (meeting.begins, meeting.place):
        _invite(fresh, {fresh.owner, *fresh.attendees.all()} - new, actor, "Changed")
    return fresh


@transaction.atomic
def write_minutes(
    *, actor: Person | None, meeting: Meeting, revision: int, minutes: str, actions: Sequence[Action] = ()
) -> Meeting:
    """Keep the minutes; each action becomes a task of its owner. Raises Conflict after somebody else's
    save; then no task is given either."""
    _refuse_others(actor, meeting)
    if not minutes.strip():
        raise Invalid(Reason("Write what was said and agreed.", "required", "minutes"))
    fresh = change_row(
        actor=actor,
        row=meeting,
        revision=revision,
        changes={"minutes": minutes},
        verb="minutes written",
    )
    for action in actions:
        add_task(
            actor=actor,
            cycle=fresh.cycle,
            stage=fresh.stage,
            title=action.title,
            owner=action.owner,
            due=action.due,
            meeting=fresh,
        )
    return fresh


def _refuse_others(actor: Person | None, meeting: Meeting) -> None:
    if actor is not None and actor.pk != meeting.owner_id and not can(actor, "cycle.plan"):
        raise Denied(f"Only {meeting.owner.name}, a manager or a coordinator writes to this meeting.")


def _set_attendees(
    actor: Person | None, meeting: Meeting, before: set[Person], attendees: list[Person]
) -> None:
    """Who comes stands in a table of its own; a change of it is an edit of the meeting all the same."""
    if set(attendees) == before:
        return
    meeting.attendees.set(attendees)
    meeting.revision += 1
    meeting.save(update_fields=["revision"])
    record(
        actor=actor,
        verb="meeting changed",
        subject=meeting,
        before={"attendees": sorted(person.name for person in before)},
        after={"attendees": sorted(person.name for person in attendees)},
    )


def _invite(meeting: Meeting, people: Iterable[Person], actor: Person | None, word: str) -> None:
    begins = timezone.localtime(meeting.begins)
    where = f", {meeting.place}" if meeting.place else ""
    title = f"{word}: {meeting.title}, {begins.day} {begins:%b} {begins:%H:%M}{where}"
    others = [person for person in people if actor is None or person.pk != actor.pk]
    notify(people=others, title=title, url=meeting_path(meeting))
