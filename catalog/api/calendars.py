"""Working calendars, their exceptions and their workdays."""

import datetime as dt
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import VIEW_AND_EDIT, MasterViewSet, NamedInput, RevisionInput, code, code_of
from catalog.filters import ExceptionFilter, NamedFilter
from catalog.models import CalendarException, WorkingCalendar
from catalog.selectors import calendar_exceptions_visible_to, calendars_visible_to, workdays_of
from catalog.services import remove_exception
from core.errors import Invalid, Reason


class CalendarSerializer(serializers.ModelSerializer):
    class Meta:
        model = WorkingCalendar
        fields = [
            "id",
            "revision",
            "code",
            "name",
            "country",
            "subdivision",
            "weekdays",
            "opens",
            "closes",
            "time_zone",
        ]


class CalendarInput(NamedInput):
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    subdivision = serializers.CharField(max_length=10, required=False, allow_blank=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=7), max_length=7)
    opens = serializers.TimeField(required=False, help_text="Working hours begin.")
    closes = serializers.TimeField(required=False, help_text="Working hours end.")
    time_zone = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="Empty: the company's."
    )


class CalendarViewSet(MasterViewSet):
    """Which days are worked."""

    model = WorkingCalendar
    actions = VIEW_AND_EDIT | {"workdays": "catalog.view"}
    selector = calendars_visible_to
    serializer_class = CalendarSerializer
    input_class = CalendarInput
    filterset_class = NamedFilter

    @action(detail=True, url_path=r"workdays/(?P<month>\d{4}-\d{2})", filterset_class=None)
    def workdays(self, request: Request, pk: str, month: str) -> Response:
        """The worked days of a month."""
        days = workdays_of(self.get_object(), _month(month))
        return Response({"month": month, "count": len(days), "days": [day.isoformat() for day in days]})


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid(Reason(f"{text} is not a month. Send one such as 2027-03.", field="month")) from error


class ExceptionSerializer(serializers.ModelSerializer):
    calendar = code()

    class Meta:
        model = CalendarException
        fields = ["id", "revision", "calendar", "day", "is_worked", "label"]


class ExceptionInput(RevisionInput):
    calendar = code_of(calendars_visible_to)
    day = serializers.DateField()
    is_worked = serializers.BooleanField(required=False)
    label: Any = serializers.CharField(max_length=120)


class ExceptionViewSet(MasterViewSet):
    """Days that are worked or free against a calendar's rule."""

    model = CalendarException
    actions = VIEW_AND_EDIT | {"destroy": "catalog.edit"}
    selector = calendar_exceptions_visible_to
    serializer_class = ExceptionSerializer
    input_class = ExceptionInput
    filterset_class = ExceptionFilter
    ordering_fields = ["calendar", "day"]
    ordering = ["calendar", "day"]

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        person: Any = request.user
        remove_exception(actor=person, exception=self.get_object())
        return Response(status=204)
