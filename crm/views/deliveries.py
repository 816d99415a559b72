"""Deliveries: what CRMs sent, byte for byte, and what was read from it."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, Link
from core.roles import can
from crm.engine.webhooks import ADAPTERS, Unreadable
from crm.engine.webhooks.events import Event
from crm.filters.inbox import DeliveryFilter
from crm.models import Delivery, EventState, InboxEvent
from crm.selectors.inbox import deliveries_visible_to, events_visible_to
from crm.selectors.inbox_diffs import FieldDiff, diffs_of
from crm.services.inbox import replay
from crm.views.delivery_columns import DELIVERIES, delivery_url
from crm.views.endpoints import VIEW, endpoint_url
from crm.views.event_columns import EVENT_TONES

SHOWN_EVENTS = 100
SHOWN_BYTES = 64 * 1024
ENDPOINT = Column(
    "endpoint",
    "Connection",
    "endpoint.label",
    order="endpoint__label",
    link=lambda r: endpoint_url(r.endpoint),
)


class DeliveryList(ListPage):
    action = VIEW
    title = "Deliveries"
    default_order = "-pk"
    columns = [DELIVERIES[0], DELIVERIES[1], ENDPOINT, *DELIVERIES[2:]]
    filterset_class = DeliveryFilter
    empty = Empty(
        "No deliveries",
        "Every request of a connected CRM stands here as it came. Connect a CRM, or widen the filters.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[Delivery]:
        return deliveries_visible_to(person_of(request))

    def row_url(self, row: Delivery) -> str:
        return delivery_url(row)


@dataclass(frozen=True)
class ReadEvent:
    """An event of a delivery as the page shows it: read anew from the bytes, and what became of it."""

    event: Event
    row: InboxEvent | None
    tone: str
    diffs: list[FieldDiff]


class DeliveryPage(DetailPage):
    action = VIEW
    template_name = "crm/inbox/delivery.html"
    facts = [
        ENDPOINT,
        Column("provider", "CRM", lambda row: ADAPTERS[row.endpoint.provider].label),
        Column("received", "Received", kind="time"),
        Column("state", "State", "get_state_display", "badge", tone=DELIVERIES[2].tone),
        Column("error", "What is wrong"),
        Column("events", "Events in it", kind="quantity"),
        Column("secret", "Signed with", lambda row: str(row.secret or "")),
        Column("size", "Bytes", lambda row: len(row.body), "quantity"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Delivery]:
        return deliveries_visible_to(person_of(request)).select_related("endpoint", "secret").defer(None)

    def title(self, row: Delivery) -> str:
        return f"Delivery {row.pk}"

    def parents(self, request: HttpRequest, row: Delivery) -> list[Link]:
        return [Link("Deliveries", reverse("crm:delivery-list"))]

    def more(self, request: HttpRequest, row: Delivery) -> dict[str, Any]:
        events, error = parsed(row)
        text, is_text = shown_body(bytes(row.body))
        return {
            "raw": text,
            "is_text": is_text,
            "is_cut": len(row.body) > SHOWN_BYTES,
            "headers": sorted(row.headers.items()),
            "read_error": error,
            "read": read_events(request, row, events[:SHOWN_EVENTS]),
            "read_more": max(0, len(events) - SHOWN_EVENTS),
            "may_replay": bool(can(request.user, "hooks.replay")) and row.inbox_events.exists(),
        }


def parsed(row: Delivery) -> tuple[list[Event], str]:
    """The events in a delivery's bytes, read by today's parser; else why it cannot be read."""
    try:
        return ADAPTERS[row.endpoint.provider].parse(bytes(row.body)), ""
    except Unreadable as error:
        return [], str(error)


def read_events(request: HttpRequest, row: Delivery, events: list[Event]) -> list[ReadEvent]:
    """Each event with its row in the inbox, which may stem from an earlier delivery of the same change."""
    keys = [event.dedupe_key for event in events]
    rows = events_visible_to(person_of(request)).filter(endpoint=row.endpoint_id, dedupe_key__in=keys)
    known = {one.dedupe_key: one for one in rows}
    diffs = diffs_of(list(known.values()))
    return [_read(event, known.get(event.dedupe_key), diffs) for event in events]


def _read(event: Event, row: InboxEvent | None, diffs: dict[int, list[FieldDiff]]) -> ReadEvent:
    tone = EVENT_TONES[EventState(row.state)] if row else "quiet"
    return ReadEvent(event, row, tone, diffs.get(row.pk, []) if row else [])


def shown_body(body: bytes) -> tuple[str, bool]:
    """The body for reading: JSON indented, other text as it is, bytes that are no text in hexadecimal."""
    try:
        text = body[:SHOWN_BYTES].decode("utf-8", errors="strict" if len(body) <= SHOWN_BYTES else "ignore")
    except UnicodeDecodeError:
        return body[:SHOWN_BYTES].hex(" ", 1), False
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False), True
    except (ValueError, RecursionError):
        return text, True


@requires(VIEW)
def delivery_body(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a download."""
    row = get_object_or_404(deliveries_visible_to(person_of(request)).defer(None), pk=pk)
    answer = HttpResponse(bytes(row.body), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="delivery-{row.pk}.bin"'
    return answer


@require_POST
@requires("hooks.replay")
def delivery_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply every event of a delivery anew."""
    row = get_object_or_404(deliveries_visible_to(person_of(request)), pk=pk)
    count = replay(actor=person_of(request), events=events_visible_to(None).filter(delivery=row))
    messages.success(request, f"{count} event{'s are' if count != 1 else ' is'} applied anew in a moment.")
    return redirect("crm:delivery", pk=row.pk)
