"""Which days are worked, and at which hours."""

import datetime as dt
from zoneinfo import available_timezones

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from catalog.models.base import Named
from core.models import Revised


def known_time_zone(name: str) -> None:
    """Raises ValidationError for a name that no time zone has."""
    if name and name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/Berlin.")


@pghistory.track()
class WorkingCalendar(Named):
    """Which days are worked: weekdays, the public holidays of a country, and exceptions."""

    country = models.CharField(max_length=2, blank=True, default="", help_text="ISO 3166 code.")
    subdivision = models.CharField(max_length=10, blank=True, default="")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, help_text="1 is Monday, 7 is Sunday."
    )
    opens = models.TimeField(default=dt.time(9), help_text="Working hours begin.")
    closes = models.TimeField(default=dt.time(17), help_text="Working hours end.")
    time_zone = models.CharField(
        max_length=40,
        blank=True,
        default="",
        validators=[known_time_zone],
        help_text="Empty: the company's time zone.",
    )

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="calendar_weekdays_are_1_to_7",
                violation_error_message="Weekdays are numbers from 1 (Monday) to 7 (Sunday).",
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")),
                name="calendar_opens_before_it_closes",
                violation_error_message="Working hours begin before they end.",
            ),
        ]


@pghistory.track()
class CalendarException(Revised):
    """A day that is worked or free against the rule."""

    calendar = models.ForeignKey(WorkingCalendar, models.CASCADE, related_name="exceptions")
    day = models.DateField()
    is_worked = models.BooleanField(default=False)
    label = models.CharField(max_length=120)

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                name="calendar_exception_once_a_day",
                violation_error_message="This day has an exception already. Change that one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.label}"
