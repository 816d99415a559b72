"""The event log: what happened, who did it, what was before."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from core.access import Page
from core.filters import EventFilter
from core.listing import Column, Empty, ListPage
from core.models import Event
from core.selectors.events import differences, events_visible_to, subject_types

EVENT_COLUMNS = [
    Column("verb", "What", value=lambda event: event.verb[:1].upper() + event.verb[1:], order="verb"),
    Column("subject_label", "About", order="subject_label"),
    Column("actor", "Who", value=lambda event: event.actor.name if event.actor else "the system"),
    Column("at", "When", kind="time", order="id"),
    Column("reason", "Reason"),
]


class EventsPage(ListPage):
    action = "events.view"
    title = "Events"
    columns = EVENT_COLUMNS
    filterset_class = EventFilter
    default_order = "-id"
    empty = Empty("Nothing matches", "Every change is logged here. Take a filter away to see more.")

    def rows(self, request: HttpRequest) -> QuerySet:
        return events_visible_to(request.user)

    def row_url(self, row: Event) -> str:
        return reverse("core:event", args=[row.pk])


class EventPage(Page):
    action = "events.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(events_visible_to(request.user), pk=pk)
        same = events_visible_to(request.user).filter(
            subject_type=event.subject_type, subject_id=event.subject_id
        )
        context: dict[str, Any] = {
            "event": event,
            "kind": dict(subject_types()).get(event.subject_type, event.subject_type),
            "lines": differences(event),
            "others": same.exclude(pk=event.pk)[:10],
        }
        return render(request, "core/event.html", context)
