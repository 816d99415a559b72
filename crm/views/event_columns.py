"""How events are shown, the same in their list, on their page and in a delivery."""

from django.urls import reverse

from core.listing import Column
from crm.models import EventState, InboxEvent

EVENT_TONES = {
    EventState.WAITING: "info",
    EventState.APPLIED: "good",
    EventState.PARTLY: "good",
    EventState.SUPERSEDED: "quiet",
    EventState.NEEDS_MAPPING: "warn",
    EventState.NEEDS_RECORD: "warn",
    EventState.DEAD: "bad",
    EventState.SKIPPED: "quiet",
}
ENTITIES = {
    "deal": "Deal",
    "account": "Account",
    "contact": "Contact",
    "line": "Deal line",
    "lead": "Lead",
    "paper": "Order paper",
}
KINDS = {
    "change": "Changed",
    "delete": "Deleted",
    "restore": "Restored",
    "merge": "Merged",
    "fetch": "To be read",
}


def event_url(row: InboxEvent) -> str:
    return reverse("crm:inbox-event", args=[row.pk])


def waits_in_words(row: InboxEvent) -> str:
    """What an event waits for: stage “Proposal”, owner “17”."""
    parts = (one.partition(":") for one in row.waits_for)
    return ", ".join(f"{kind} “{value}”" for kind, _, value in parts)


def record_of(row: InboxEvent) -> str:
    return f"{ENTITIES.get(row.entity, row.entity)} {row.external_id}"


def what_it_waits_for(row: InboxEvent) -> str:
    return waits_in_words(row) or row.error or row.reason


EVENTS = [
    Column("record", "Record", record_of, order="external_id"),
    Column("kind", "What happened", lambda row: KINDS.get(row.kind, row.kind), order="kind"),
    Column("endpoint", "Connection", "endpoint.label", order="endpoint__label"),
    Column("occurred", "Happened", kind="time", order="occurred"),
    Column(
        "state", "State", "get_state_display", "badge", order="state", tone=lambda r: EVENT_TONES[r.state]
    ),
    Column("why", "Why", what_it_waits_for),
    Column("seen", "Sent", kind="quantity", order="seen", help="How often the CRM sent the same change."),
    Column("attempts", "Tries", kind="quantity", order="attempts"),
]
