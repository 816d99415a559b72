"""Working calendars: the list, a year of one, and its exceptions."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from catalog.columns import CODE, NAME, calendar_url
from catalog.filters import NamedFilter
from catalog.models import CalendarException, WorkingCalendar
from catalog.selectors import calendar_exceptions_visible_to, calendars_visible_to
from catalog.selectors.calendar_year import year_of
from catalog.services import remove_exception
from catalog.views.base import EDIT, CatalogDetail, CatalogList, MasterAdd, MasterEdit
from core.access import Page, person_of
from core.forms import DayInput, RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section
from core.roles import can
from core.years import YEARS

WEEKDAYS = [
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
]


def weekday_names(calendar: WorkingCalendar) -> str:
    return ", ".join(name for number, name in WEEKDAYS if number in calendar.weekdays)


def working_hours(calendar: WorkingCalendar) -> str:
    return f"{calendar.opens:%H:%M} to {calendar.closes:%H:%M} {calendar.time_zone}".strip()


class ClockInput(forms.TimeInput):
    """The browser's own picker of a time; without one, a text field for 09:00."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


WEEK = Column("weekdays", "Worked weekdays", weekday_names)
COUNTRY = Column("country", "Public holidays of", lambda row: row.country or "No country", order="country")


class CalendarForm(RowForm):
    weekdays = forms.TypedMultipleChoiceField(
        label="Worked weekdays", choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = WorkingCalendar
        fields = ["code", "name", "country", "subdivision", "weekdays", "opens", "closes", "time_zone"]
        labels = {
            "subdivision": "Part of the country",
            "opens": "Work begins",
            "closes": "Work ends",
        }
        widgets = {"opens": ClockInput(), "closes": ClockInput()}
        help_texts = {
            "opens": "Answers to leads are due within working hours.",
            "closes": "",
            "time_zone": "Such as Europe/Berlin. Empty: the company's.",
            "country": "ISO 3166 code whose public holidays are free, such as DE. Empty: no holidays.",
            "subdivision": "Its code, such as BY for Bavaria.",
        }


class CalendarList(CatalogList):
    title = "Working calendars"
    model = WorkingCalendar
    noun = "calendar"
    add_label = "Add a working calendar"
    columns = [NAME, CODE, COUNTRY, Column("subdivision", "Part", order="subdivision"), WEEK]
    filterset_class = NamedFilter
    empty = Empty("No calendars here", "A calendar says which days are worked at a site or in a market.")


class CalendarPage(CatalogDetail):
    model = WorkingCalendar
    noun = "calendar"
    list_label = "Working calendars"
    template_name = "catalog/calendar.html"
    facts = [
        CODE,
        COUNTRY,
        Column("subdivision", "Part of the country"),
        WEEK,
        Column("hours", "Working hours", working_hours),
    ]

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        year = year_asked(request)
        months = year_of(row, year)
        return {
            "year": year,
            "months": months,
            "weekday_names": [name for _, name in WEEKDAYS],
            "worked": sum(month.worked for month in months),
            "days": (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days,
        }

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        rows = calendar_exceptions_visible_to(person_of(request)).filter(calendar=row).order_by("-day")
        columns = [
            Column("day", "Day", kind="date"),
            Column("label", "What for"),
            Column("is_worked", "Worked", kind="bool"),
        ]
        add = reverse("catalog:calendar-exception-add") + f"?calendar={row.code}"
        return [
            table_section(
                "Exceptions",
                rows,
                columns,
                empty=Empty("No exceptions", "Company days off and extra working days stand here."),
                row_url=lambda one: reverse("catalog:calendar-exception", args=[one.pk]),
                links=(Link("Add an exception", add, EDIT),),
            )
        ]


def year_asked(request: HttpRequest) -> int:
    """The year in the address; this year where it is none."""
    text = request.GET.get("year", "")
    return int(text) if text.isdigit() and int(text) in YEARS else timezone.localdate().year


class CalendarAdd(MasterAdd):
    model = WorkingCalendar
    noun = "calendar"
    form_class = CalendarForm

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"weekdays": [1, 2, 3, 4, 5]} | super().initial(request, row)


class CalendarEdit(MasterEdit):
    model = WorkingCalendar
    noun = "calendar"
    form_class = CalendarForm


class ExceptionForm(RowForm):
    visible = {"calendar": calendars_visible_to}

    class Meta:
        model = CalendarException
        fields = ["calendar", "day", "label", "is_worked"]
        labels = {"label": "What for", "is_worked": "Worked"}
        widgets = {"day": DayInput()}
        help_texts = {"is_worked": "With the tick the day is worked against the rule, without it it is free."}


class ExceptionEditForm(ExceptionForm):
    visible = {}

    class Meta(ExceptionForm.Meta):
        fields = ["day", "label", "is_worked"]


class ExceptionPage(CatalogDetail):
    model = CalendarException
    noun = "calendar-exception"
    list_label = "Working calendars"
    template_name = "catalog/exception.html"
    facts = [
        Column("calendar", "Calendar", "calendar.name", link=lambda row: calendar_url(row.calendar)),
        Column("day", "Day", kind="date"),
        Column("label", "What for"),
        Column("is_worked", "Worked", kind="bool"),
    ]

    def title(self, row: Any) -> str:
        return row.label

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        calendars = Link("Working calendars", reverse("catalog:calendar-list"))
        return [calendars, Link(row.calendar.name, calendar_url(row.calendar))]

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        may = can(request.user, EDIT)
        return {"remove_url": reverse("catalog:calendar-exception-remove", args=[row.pk]) if may else ""}


class ExceptionAdd(MasterAdd):
    model = CalendarException
    noun = "calendar-exception"
    heading = "Add an exception"
    form_class = ExceptionForm

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return f"{calendar_url(saved.calendar)}?year={saved.day.year}"

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("catalog:calendar-list")


class ExceptionEdit(MasterEdit):
    model = CalendarException
    noun = "calendar-exception"
    form_class = ExceptionEditForm


class ExceptionRemove(Page):
    """Removes an exception: the day follows the rule again. The history keeps it."""

    action = EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        row = get_object_or_404(calendar_exceptions_visible_to(person), pk=pk)
        calendar = row.calendar
        remove_exception(actor=person, exception=row)
        messages.success(request, f"{row.label} is removed; the day follows the rule again.")
        return redirect(calendar_url(calendar))
