"""The calendar of a month, and its feed for other calendars."""

import calendar
import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.access import Page, person_of, requires
from planning.models import CalendarAddress
from planning.selectors.calendar import Item, items_between
from planning.selectors.calendar_feed import feed_of, owner_of, token_of
from planning.services.calendar import make_address, revoke_address

KINDS = {"stage": "Stage", "meeting": "Meeting", "task": "Task", "source": "Data source"}


def read_month(text: str) -> dt.date:
    """A month out of an address: 2027-03. Raises Http404 for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise Http404(f"“{text}” is not a month. Write 2027-03.") from error


class CalendarPage(Page):
    """What is due and who meets in a month."""

    action = "cycle.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("month", "")
        today = timezone.localdate()
        month = read_month(wanted) if wanted else today.replace(day=1)
        weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
        items = items_between(person_of(request), weeks[0][0], weeks[-1][-1])
        address = CalendarAddress.objects.filter(person=person_of(request), is_active=True).first()
        shown = [[_day(day, month, today, items) for day in week] for week in weeks]
        context = {
            "month": month,
            "before": (month - dt.timedelta(days=1)).replace(day=1),
            "after": (month + dt.timedelta(days=32)).replace(day=1),
            "weekdays": list(calendar.day_abbr),
            "weeks": shown,
            "days": [
                day for week in weeks for day in (_day(d, month, today, items) for d in week) if day["items"]
            ],
            "feed_url": address and feed_url(address),
        }
        return render(request, "planning/calendar.html", context)


def _day(day: dt.date, month: dt.date, today: dt.date, items: list[Item]) -> dict[str, Any]:
    return {
        "date": day,
        "is_today": day == today,
        "is_outside": day.month != month.month,
        "items": [{"item": item, "kind": KINDS[item.kind]} for item in items if item.day == day],
    }


def feed_url(address: CalendarAddress) -> str:
    """The whole secret address, as a calendar program wants it."""
    return f"{settings.PUBLIC_URL}{reverse('planning:calendar-feed', args=[token_of(address)])}"


@require_POST
@requires("cycle.view")
def calendar_address(request: HttpRequest) -> HttpResponse:
    """Make a new secret address, or (`do=revoke`) take it back."""
    if request.POST.get("do") == "revoke":
        revoke_address(actor=person_of(request))
        messages.success(request, "The address is taken back. Calendars that use it read nothing any more.")
    else:
        make_address(actor=person_of(request))
        messages.success(request, "Your calendar has a new address. Keep it to yourself.")
    return redirect(f"{reverse('planning:calendar')}#feed")


@requires("cycle.view")
def calendar_download(request: HttpRequest) -> HttpResponse:
    """One's own calendar as a file."""
    return _ics(feed_of(person_of(request)))


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program reads without a sign-in: the address is the key."""
    person = owner_of(token)
    if person is None:
        raise Http404("This calendar address does not work any more.")
    return _ics(feed_of(person))


def _ics(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sopcycle.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
