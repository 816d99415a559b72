"""Connections as their pages show them: how they fare, what waits in them, where they are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from core.models import Job, Person
from core.selectors.jobs import jobs_visible_to
from crm.engine.webhooks import ADAPTERS
from crm.engine.webhooks.firing import AGENT
from crm.models import Delivery, Endpoint, EventState, InboxEvent
from crm.selectors.inbox import endpoints_visible_to
from crm.selectors.silence import is_silent

OPEN = (EventState.WAITING, EventState.NEEDS_MAPPING, EventState.NEEDS_RECORD, EventState.DEAD)

OURS = {"user-agent": AGENT}
FIRE_TEST = "crm.fire_test"  # the job that tries an address
FRESH = dt.timedelta(minutes=15)  # so long an answer is shown


@dataclass(frozen=True)
class Condition:
    """How a connection fares: a tone of the pages, and words."""

    tone: str
    words: str


def provider_label(endpoint: Endpoint) -> str:
    """The provider's name as people write it."""
    return ADAPTERS[endpoint.provider].label if endpoint.provider in ADAPTERS else endpoint.provider


def condition_of(endpoint: Endpoint) -> Condition:
    """Whether it is heard, silent, off or not heard yet."""
    if not endpoint.is_active:
        return Condition("quiet", "Off")
    if endpoint.first_verified is None:
        return Condition("info", "Waiting for the first delivery")
    return Condition("bad", "Silent") if is_silent(endpoint) else Condition("good", "Receiving")


def cards_of(user: Person | None, endpoints: list[Endpoint]) -> list[dict[str, Any]]:
    """Each connection with its open events by state."""
    keys = [endpoint.pk for endpoint in endpoints]
    rows = InboxEvent.objects.filter(endpoint__in=keys, state__in=OPEN).order_by()
    grouped = rows.values_list("endpoint", "state").annotate(count=Count("pk"))
    counts = {(one, state): count for one, state, count in grouped}
    return [
        {"endpoint": one, "counts": {state.value: counts.get((one.pk, state.value), 0) for state in OPEN}}
        for one in endpoints
    ]


def first_news(endpoint: Endpoint) -> Delivery | None:
    """The first delivery that its CRM sent: our own tests do not count."""
    rows = endpoint.deliveries.exclude(headers__contains=OURS).defer("body")
    return rows.order_by("pk").first()


def last_test(endpoint: Endpoint) -> Delivery | None:
    """The newest delivery that we sent ourselves to try the address."""
    rows = endpoint.deliveries.filter(headers__contains=OURS).defer("body")
    return rows.order_by("-pk").first()


def last_try(user: Person | None, endpoint: Endpoint) -> Job | None:
    """The newest job that tried this endpoint's address, while it runs and for a while after."""
    since = timezone.now() - FRESH
    rows = jobs_visible_to(user).filter(kind=FIRE_TEST, params__endpoint=endpoint.pk, created__gte=since)
    return rows.order_by("-pk").first()


def endpoints_list(user: Person | None) -> QuerySet[Endpoint]:
    """The connections a person may see, by label."""
    return endpoints_visible_to(user).order_by("label")
