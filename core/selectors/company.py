"""Company settings as pages and the API show them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core import company
from core.company_settings import SETTINGS
from core.models import CompanySetting, Event
from core.setting_kinds import Setting


def settings_shown() -> list[dict[str, Any]]:
    """Every setting with today's value and what is to come."""
    return [setting_shown(setting) for setting in SETTINGS.values()]


def setting_shown(setting: Setting) -> dict[str, Any]:
    """One setting: its value now, since when, and the changes that are set for later."""
    today = timezone.localdate()
    row = company.row_on(setting.key, today)
    value = company.value(setting.key)
    return {
        "setting": setting,
        "value": value,
        "text": company.in_words(setting, value),
        "since": row.valid.lower if row else None,
        "revision": row.revision if row else 0,
        "is_default": row is None,
        "next": next_change(setting),
    }


def next_change(setting: Setting) -> dict[str, Any] | None:
    """The first change after today, if one is set."""
    today = timezone.localdate()
    later = [row for row in company.rows_of(setting.key) if row.valid.lower and row.valid.lower > today]
    if not later:
        return None
    row = min(later, key=lambda one: one.valid.lower)
    return {"from": row.valid.lower, "text": company.in_words(setting, setting.cleaned(row.value))}


def events_of_setting(key: str) -> QuerySet[Event]:
    """Every change of the setting, over all of its rows."""
    keys = [str(pk) for pk in CompanySetting.objects.filter(key=key).values_list("pk", flat=True)]
    found = Event.objects.filter(subject_type="core.companysetting", subject_id__in=keys)
    return found.select_related("actor")
