"""Events: single changes of single records, what became of them, and doing it again."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.access import Page, person_of
from core.errors import Invalid, Reason, Refused
from core.listing import Column, Empty, ListPage, cell_of
from core.pages import DetailPage, Link, Section, table_section
from core.roles import can
from crm.filters.inbox import InboxEventFilter
from crm.models import Deal, InboxEvent
from crm.selectors.deals import deals_visible_to
from crm.selectors.inbox import events_visible_to
from crm.selectors.inbox_diffs import FieldDiff, diffs_of
from crm.services.inbox import UNSETTLED, replay, skip
from crm.views.delivery_columns import delivery_url
from crm.views.endpoints import VIEW, endpoint_url
from crm.views.event_columns import EVENT_TONES, EVENTS, KINDS, event_url, record_of, waits_in_words

MOST_OF_A_RECORD = 50
MOST_AT_ONCE = 100_000


class InboxEventList(ListPage):
    action = VIEW
    title = "CRM events"
    default_order = "-pk"
    columns = EVENTS
    template_name = "crm/inbox/events.html"
    filterset_class = InboxEventFilter
    empty = Empty(
        "No events",
        "Each change of a record that a CRM sends is one event. Connect a CRM, or widen the filters.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        return events_visible_to(person_of(request))

    def row_url(self, row: InboxEvent) -> str:
        return event_url(row)

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        return {"lines": [line_of(row) for row in rows]}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_replay": bool(can(request.user, "hooks.replay")), "query": request.GET.urlencode()}


def line_of(row: InboxEvent) -> dict[str, Any]:
    """A row with a tick box: its key, its page, its cells under their headings."""
    first, *rest = [{**cell_of(row, column), "label": column.label} for column in EVENTS]
    return {"key": row.pk, "url": event_url(row), "first": first, "cells": rest}


DIFFS = [
    Column("label", "Field"),
    Column("before", "Before"),
    Column("after", "In this event", "after"),
    Column("now", "Newest news"),
]
NO_FIELDS = Empty("No fields", "The CRM said that the record changed, not what. Read it in the CRM.")
RECORD = [
    Column("occurred", "Happened", kind="time"),
    Column("kind", "What happened", lambda row: KINDS.get(row.kind, row.kind)),
    Column("state", "State", "get_state_display", "badge", tone=lambda row: EVENT_TONES[row.state]),
    Column("said", "Fields", lambda row: ", ".join(row.fields) or "–"),
]


class InboxEventPage(DetailPage):
    action = VIEW
    template_name = "crm/inbox/event.html"
    facts = [
        Column("state", "State", "get_state_display", "badge", tone=lambda row: EVENT_TONES[row.state]),
        Column("waits_for", "Waits for", waits_in_words),
        Column("error", "What is wrong"),
        Column("reason", "Left out because"),
        Column("kind", "What happened", lambda row: KINDS.get(row.kind, row.kind)),
        Column("occurred", "Happened", kind="time"),
        Column("version", "Version in the CRM", lambda row: row.version or ""),
        Column("endpoint", "Connection", "endpoint.label", link=lambda row: endpoint_url(row.endpoint)),
        Column(
            "delivery",
            "Came in",
            lambda r: f"delivery {r.delivery_id}",
            link=lambda r: delivery_url(r.delivery),
        ),
        Column("seen", "Sent", lambda row: "once" if row.seen == 1 else f"{row.seen} times"),
        Column("attempts", "Tries", kind="quantity"),
        Column("next_try", "Next try", kind="time"),
        Column("settled", "Settled", kind="time"),
        Column("settled_by", "By", "settled_by.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        return events_visible_to(person_of(request)).select_related("delivery", "endpoint", "settled_by")

    def title(self, row: InboxEvent) -> str:
        return record_of(row)

    def parents(self, request: HttpRequest, row: InboxEvent) -> list[Link]:
        return [Link("CRM events", reverse("crm:inbox-event-list"))]

    def sections(self, request: HttpRequest, row: InboxEvent) -> list[Section]:
        diffs: list[FieldDiff] = diffs_of([row])[row.pk]
        others = self.rows(request).filter(
            endpoint__source=row.endpoint.source, entity=row.entity, external_id=row.external_id
        )
        newest = others.order_by("-occurred", "-version", "-pk")[:MOST_OF_A_RECORD]
        return [
            table_section("What it changes", diffs, DIFFS, empty=NO_FIELDS),
            table_section(
                "Everything known of this record",
                newest,
                RECORD,
                empty=Empty("Nothing else", ""),
                row_url=event_url,
            ),
        ]

    def more(self, request: HttpRequest, row: InboxEvent) -> dict[str, Any]:
        return {
            "may_replay": bool(can(request.user, "hooks.replay")),
            "may_skip": row.state in UNSETTLED,
            "unknown": [unknown_of(one) for one in row.waits_for],
            "deal": _deal_of(request, row),
        }


def unknown_of(text: str) -> dict[str, str]:
    """Kind and value of what an event waits for."""
    kind, _, value = text.partition(":")
    return {"kind": kind, "value": value}


def _deal_of(request: HttpRequest, row: InboxEvent) -> Deal | None:
    """The deal that it is about, where the reader may see it."""
    if row.entity != "deal":
        return None
    deals = deals_visible_to(person_of(request))
    return deals.filter(source=row.endpoint.source, external_id=row.external_id).first()


class _Decide(Page):
    """Something done to the chosen events, or to all that the filters of the list leave."""

    action = "hooks.replay"

    def post(self, request: HttpRequest) -> HttpResponse:
        back = _back(request)
        try:
            messages.success(request, self.do(request, chosen_events(request)))
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason.text)
        return redirect(back)

    def do(self, request: HttpRequest, events: QuerySet[InboxEvent]) -> str:
        """Call the service and say in a sentence what was done."""
        raise TypeError(f"{type(self).__name__} does nothing: define do()")


class InboxEventReplay(_Decide):
    """Apply them anew."""

    def do(self, request: HttpRequest, events: QuerySet[InboxEvent]) -> str:
        count = replay(actor=person_of(request), events=events)
        return f"{count} event{'s are' if count != 1 else ' is'} applied anew in a moment."


class InboxEventSkip(_Decide):
    """Leave them out, with a reason."""

    def do(self, request: HttpRequest, events: QuerySet[InboxEvent]) -> str:
        count = skip(actor=person_of(request), events=events, reason=request.POST.get("reason", ""))
        return f"{count} event{'s are' if count != 1 else ' is'} left out. Replaying takes them in again."


def chosen_events(request: HttpRequest) -> QuerySet[InboxEvent]:
    """The ticked events, or with `all` everything the list's filters leave. Raises Invalid for none."""
    visible = events_visible_to(person_of(request))
    if request.POST.get("which") == "all":
        query = QueryDict(request.POST.get("query", ""))
        rows = InboxEventFilter(query, queryset=visible, request=request).qs
    else:
        keys = [int(key) for key in request.POST.getlist("event") if key.isdigit()]
        rows = visible.filter(pk__in=keys)
    count = rows.order_by().count()
    if not count:
        raise Invalid(Reason("Choose at least one event first.", "required"))
    if count > MOST_AT_ONCE:
        text = f"These are {count:,} events. Narrow them to {MOST_AT_ONCE:,} at most, by day or connection."
        raise Invalid(Reason(text, "too_many"))
    return rows


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("crm:inbox-event-list")
