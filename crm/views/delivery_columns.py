"""The columns of deliveries, the same in their list and on the page of their connection."""

from typing import Any

from django.urls import reverse

from core.listing import Column
from crm.models import Delivery, DeliveryState

TONES = {DeliveryState.WAITING: "info", DeliveryState.READ: "good", DeliveryState.UNREADABLE: "bad"}


def delivery_url(row: Any) -> str:
    return reverse("crm:delivery", args=[row.pk])


def tone_of(row: Delivery) -> str:
    return TONES[DeliveryState(row.state)]


DELIVERIES = [
    Column("received", "Received", kind="time", order="pk"),
    Column("number", "Delivery", "pk", "code", order="pk"),
    Column("state", "State", "get_state_display", "badge", order="state", tone=tone_of),
    Column("events", "Events", kind="quantity", order="events"),
    Column("error", "What is wrong"),
]
