"""Writing the event log, and naming the object an event, comment or job is about."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import Range

from core.models import Event, Person


def subject_of(obj: models.Model) -> tuple[str, str, str]:
    """The type, id and label by which events and comments point at any row."""
    return obj._meta.label_lower, str(obj.pk), str(obj)[:200]


def plain(value: Any) -> Any:
    """A value as JSON keeps it: rows by their label, dates as ISO text, decimals exactly."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, Range):
        return _span(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)


def _span(value: Range) -> str:
    """A range of days in words; the last day is the one before the stored end."""
    if value.upper is None:
        return f"from {value.lower} on"
    return f"{value.lower or 'always'} to {value.upper - dt.timedelta(days=1)}"


def record(
    *,
    actor: Person | None,
    verb: str,
    subject: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Append one event. Call it inside the transaction of the change it describes."""
    kind, key, label = subject_of(subject)
    return Event.objects.create(
        actor=actor,
        verb=verb,
        subject_type=kind,
        subject_id=key,
        subject_label=label,
        before=plain(before or {}),
        after=plain(after or {}),
        reason=reason,
    )
