"""Company-wide values: which holds on a day. core.company_settings lists what there is.

`value("horizon")` is today's, `value("fiscal_year_start", on=day)` that of a day. A dated setting
keeps every earlier value, so that a change rewrites no history. A room that must forbid a change
adds to `locks`; a room that needs a setting of its own adds it to SETTINGS.
"""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.company_settings import SETTINGS
from core.errors import Reason
from core.models import CompanySetting
from core.setting_kinds import Setting

KEPT_SECONDS = 2.0

# What forbids a change: key → function of the new value → a Reason, or None where it is allowed.
locks: dict[str, Callable[[Any], Reason | None]] = {}

_kept: tuple[float, dict[str, list[CompanySetting]]] | None = None


def value(key: str, *, on: dt.date | None = None) -> Any:
    """The value of the setting on a day (today unless told). Raises KeyError for an unknown key."""
    setting = SETTINGS[key]
    row = row_on(key, on or timezone.localdate())
    return setting.default if row is None else setting.cleaned(row.value)


def own_time() -> AbstractContextManager[None]:
    """Inside it, days and months begin when they do in the company's time zone."""
    return timezone.override(ZoneInfo(value("time_zone")))


def in_words(setting: Setting, stored: Any) -> str:
    """A value of the setting as people read it, money with the company's currency."""
    return setting.shown(stored, value("base_currency"))


def row_on(key: str, day: dt.date) -> CompanySetting | None:
    """The stored row that holds on the day; None while the default does."""
    holding = (row for row in rows_of(key) if _holds(row, day))
    return next(holding, None)


def rows_of(key: str) -> list[CompanySetting]:
    """All stored rows of the setting, past and future."""
    return _rows().get(key, [])


def fiscal_year_of(month: dt.date) -> int:
    """The fiscal year of a month, named by the calendar year in which it ends."""
    start = value("fiscal_year_start", on=month)
    return month.year + (1 if start > 1 and month.month >= start else 0)


def forget() -> None:
    """Read anew next time: after a change, and between tests."""
    global _kept
    _kept = None


def _rows() -> dict[str, list[CompanySetting]]:
    """All stored rows by key. Kept for two seconds: a page asks many times, a change shows soon."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        rows: dict[str, list[CompanySetting]] = {}
        for row in CompanySetting.objects.all():
            rows.setdefault(row.key, []).append(row)
        _kept = (time.monotonic(), rows)
    return _kept[1]


def _holds(row: CompanySetting, day: dt.date) -> bool:
    after_start = row.valid.lower is None or row.valid.lower <= day
    return after_start and (row.valid.upper is None or day < row.valid.upper)
