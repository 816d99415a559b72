"""Promotions, launches and phase-outs of a cycle: the list and its forms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import EditPage
from core.roles import can
from planning.forms.demand import EventForm
from planning.forms.demand_filters import EventFilter
from planning.models import Cycle, DemandEvent
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.demand_inputs import events_visible_to
from planning.services.demand_events import add_event, change_event
from planning.views.around import AddToCycle
from planning.views.base import cycle_context


class EventList(ListPage):
    action = "demand.view"
    title = "Demand events"
    filterset_class = EventFilter
    default_order = "period"
    template_name = "planning/demand_list.html"
    empty = Empty(
        "No events yet",
        "A promotion, launch or phase-out moves units in the months it touches, on top of the consensus.",
    )
    columns = [
        Column("title", "Event", order="title"),
        Column("kind", "Kind", "get_kind_display", order="kind"),
        Column("product", "Product", order="product__code"),
        Column("market", "Where", lambda row: str(row.market or "All markets"), order="market__code"),
        Column("first", "First day", lambda row: row.period.lower, "date", order="period"),
        Column("last", "Last day", "last_day", "date"),
        Column("units", "Moves", "units_a_month", "quantity", unit="units a month", order="units_a_month"),
        Column("owner", "Owner", "owner.name", order="owner__name"),
        Column("note", "Note"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[DemandEvent]:
        return events_visible_to(person_of(request)).filter(cycle=self.kwargs["cycle_pk"])

    def row_url(self, row: DemandEvent) -> str:
        if row.cycle.stage != "demand" or not can(self.request.user, "demand.input"):
            return ""
        return reverse("planning:demand-event-edit", args=[row.cycle_id, row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        cycles = cycles_visible_to(person_of(request))
        cycle: Cycle = get_object_or_404(cycles, pk=self.kwargs["cycle_pk"])
        found = cycle_context(cycle, "demand") | {"back_url": reverse("planning:demand", args=[cycle.pk])}
        if cycle.stage == "demand" and can(request.user, "demand.input"):
            url = reverse("planning:demand-event-add", args=[cycle.pk])
            found["primary"] = {"label": "Add an event", "url": url}
        return found


class EventAdd(AddToCycle):
    action = "demand.input"
    form_class = EventForm
    heading = "Add an event"
    submit_label = "Add the event"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> DemandEvent:
        return add_event(actor=person_of(request), cycle=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("planning:demand-event-list", args=[saved.cycle_id])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("planning:demand-event-list", args=[row.pk])


class EventEdit(EditPage):
    action = "demand.input"
    form_class = EventForm
    submit_label = "Save the event"

    def row(self, request: HttpRequest, **kwargs: Any) -> DemandEvent:
        rows = events_visible_to(person_of(request))
        return get_object_or_404(rows, cycle=kwargs["cycle_pk"], pk=kwargs["pk"])

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        days = {"first": row.period.lower, "last": row.last_day}
        return super().initial(request, row) | days

    def change(
        self, request: HttpRequest, row: DemandEvent, revision: int, data: dict[str, Any]
    ) -> DemandEvent:
        return change_event(actor=person_of(request), event=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: DemandEvent) -> str:
        return reverse("planning:demand-event-list", args=[saved.cycle_id])
