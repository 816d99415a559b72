"""Changing company settings."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from psycopg2.extras import DateRange

from core import company
from core.access import require
from core.company_settings import SETTINGS
from core.editing import change_row, create_row
from core.errors import Conflict, Invalid, Reason, Refused
from core.events import plain
from core.models import CompanySetting, Person
from core.setting_kinds import Setting

VERB = "company setting changed"


@transaction.atomic
def change_setting(
    *,
    actor: Person | None,
    key: str,
    value: Any,
    from_day: dt.date | None = None,
    revision: int = 0,
    reason: str = "",
) -> CompanySetting:
    """Set a company-wide value; a dated one from a day on, after which the earlier value ends.

    `revision` is that of the row holding now (0 while the default does). Raises Invalid for a value
    or day that cannot be, Refused when a room forbids the change, Conflict after somebody else's.
    """
    require(actor, "settings.manage")
    setting = SETTINGS[key]
    cleaned = _cleaned(setting, value)
    _refuse_locked(key, cleaned)
    rows = list(CompanySetting.objects.select_for_update().filter(key=key))
    _refuse_stale(setting, rows, revision, cleaned)
    row = _store(actor, setting, rows, cleaned, from_day, reason)
    transaction.on_commit(company.forget)
    company.forget()
    return row


def _cleaned(setting: Setting, value: Any) -> Any:
    try:
        return setting.cleaned(value)
    except ValueError as error:
        raise Invalid(Reason(str(error), "invalid", "value")) from error


def _refuse_locked(key: str, cleaned: Any) -> None:
    lock = company.locks.get(key)
    if lock is None or cleaned == company.value(key):
        return
    if forbidden := lock(cleaned):
        raise Refused(forbidden)


def _refuse_stale(setting: Setting, rows: list[CompanySetting], revision: int, mine: Any) -> None:
    row = _holding(rows, timezone.localdate())
    if revision == (row.revision if row else 0):
        return
    theirs = row.value if row else setting.default
    raise Conflict(
        label=setting.label,
        yours={"value": plain(mine)},
        theirs={"value": plain(theirs)},
        revision=row.revision if row else 0,
    )


def _store(
    actor: Person | None,
    setting: Setting,
    rows: list[CompanySetting],
    cleaned: Any,
    from_day: dt.date | None,
    reason: str,
) -> CompanySetting:
    if not setting.dated:
        return _put(actor, setting.key, rows, cleaned, DateRange(None, None), reason)
    if from_day is None:
        raise Invalid(
            Reason(f"Say from which day on {setting.label.lower()} changes.", "required", "from_day")
        )
    if rows and from_day < timezone.localdate():
        text = "The past is not rewritten: choose today or a later day."
        raise Invalid(Reason(text, "invalid", "from_day"))
    starts = [row.valid.lower for row in rows if row.valid.lower and row.valid.lower > from_day]
    valid = DateRange(from_day, min(starts, default=None))
    return _put(actor, setting.key, rows, cleaned, valid, reason)


def _put(
    actor: Person | None, key: str, rows: list[CompanySetting], value: Any, valid: DateRange, reason: str
) -> CompanySetting:
    """Change the row that begins on the same day, or end the one before and add a new one."""
    same = next((row for row in rows if row.valid.lower == valid.lower), None)
    if same:
        changes = {"value": plain(value)}
        return change_row(
            actor=actor, row=same, revision=same.revision, changes=changes, verb=VERB, reason=reason
        )
    before = _holding(rows, valid.lower) if valid.lower else None
    if before:
        changes = {"valid": DateRange(before.valid.lower, valid.lower)}
        change_row(
            actor=actor, row=before, revision=before.revision, changes=changes, verb="company setting ended"
        )
    row = CompanySetting(key=key, value=plain(value), valid=valid)
    return create_row(actor=actor, row=row, verb=VERB, reason=reason)


def _holding(rows: list[CompanySetting], day: dt.date) -> CompanySetting | None:
    return next((row for row in rows if day in row.valid), None)
