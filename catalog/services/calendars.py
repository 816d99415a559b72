"""Exceptions of working calendars."""

from django.db import transaction

from catalog.models import CalendarException
from catalog.services.masters import EDIT
from core.access import require
from core.events import record
from core.models import Person


@transaction.atomic
def remove_exception(*, actor: Person | None, exception: CalendarException) -> None:
    """Let a day follow the calendar's rule again."""
    require(actor, EDIT)
    before = {"day": exception.day, "is_worked": exception.is_worked, "label": exception.label}
    record(actor=actor, verb="exception removed", subject=exception.calendar, before=before, after={})
    exception.delete()
