"""Every read of what CRMs push: endpoints, deliveries, events, unknown values, mappings."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import CharField, Count, Exists, F, Func, Min, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from core.models import Person
from core.roles import can
from crm.models import Delivery, Endpoint, EndpointSecret, EventState, InboxEvent, ValueMapping

Row = TypeVar("Row", bound=Model)
VIEW = "hooks.view"
# One statement, by hand: it runs for every delivery, and nothing else does before the sender is proven.
DOOR = """
    SELECT endpoint.id, endpoint.label, endpoint.provider, endpoint.public_url, endpoint.last_verified,
           secret.id, secret.sealed, secret.last_used
    FROM crm_endpoint endpoint
    LEFT JOIN crm_endpointsecret secret
      ON secret.endpoint_id = endpoint.id AND (secret.expires IS NULL OR secret.expires > %s)
    WHERE endpoint.key = %s AND endpoint.is_active
    ORDER BY secret.id DESC
"""


@dataclass(frozen=True)
class SealedSecret:
    """A live secret as it stands in the database."""

    pk: int
    sealed: bytes
    last_used: dt.datetime | None


@dataclass(frozen=True)
class Door:
    """What is needed to let a delivery in."""

    endpoint: int
    label: str
    provider: str
    public_url: str
    last_verified: dt.datetime | None
    secrets: tuple[SealedSecret, ...]


def open_door(key: UUID, now: dt.datetime) -> Door | None:
    """The active endpoint with this key and its live secrets; None alike for unknown and paused ones.

    Being the first of a request, this statement finds out by itself whether the kept connection still
    lives: Django would ask that with a statement more.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        rows = _door_rows(key, now)
    except (OperationalError, InterfaceError):
        connection.close()
        rows = _door_rows(key, now)
    if not rows:
        return None
    secrets = tuple(SealedSecret(row[5], bytes(row[6]), row[7]) for row in rows if row[5] is not None)
    endpoint, label, provider, public_url, last_verified = rows[0][:5]
    return Door(endpoint, label, provider, public_url, last_verified, secrets)


def _door_rows(key: UUID, now: dt.datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(DOOR, [now, key])
        return list(cursor.fetchall())


def endpoints_visible_to(user: Person | None) -> QuerySet[Endpoint]:
    """The endpoints a person may see: all or none."""
    return _all_or_none(user, Endpoint.objects.all())


def path_of(key: UUID) -> str:
    """Where an endpoint listens."""
    return f"/hooks/{key}/"


def address_of(endpoint: Endpoint) -> str:
    """What to paste in the CRM: the public address as it was told, or ours.

    A public address without a path is where a proxy stands; the path is then ours.
    """
    told = endpoint.public_url
    if told and urlsplit(told).path.strip("/"):
        return told
    return (told or settings.PUBLIC_URL).rstrip("/") + path_of(endpoint.key)


def secrets_of(endpoint: Endpoint) -> QuerySet[EndpointSecret]:
    """An endpoint's live secrets, the newest first."""
    live = Q(expires=None) | Q(expires__gt=timezone.now())
    return EndpointSecret.objects.filter(live, endpoint=endpoint).order_by("-created", "-pk")


def deliveries_visible_to(user: Person | None) -> QuerySet[Delivery]:
    """The deliveries a person may see, the newest first, without their bodies until asked."""
    return _all_or_none(user, Delivery.objects.select_related("endpoint").defer("body"))


def events_visible_to(user: Person | None) -> QuerySet[InboxEvent]:
    """The events a person may see, the newest first."""
    return _all_or_none(user, InboxEvent.objects.select_related("endpoint", "settled_by"))


def mappings_visible_to(user: Person | None) -> QuerySet[ValueMapping]:
    """The decided values a person may see."""
    return _all_or_none(user, ValueMapping.objects.select_related("decided_by"))


def _all_or_none(user: Person | None, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if user is None or can(user, VIEW) else rows.none()


def endpoints_of(source: str) -> QuerySet[Endpoint]:
    """The endpoints that one CRM pushes to."""
    return Endpoint.objects.filter(source=source)


def sources_with_due_events(now: dt.datetime) -> list[str]:
    """The CRMs whose events wait to be applied now, the one that waits longest first."""
    due = InboxEvent.objects.filter(
        endpoint=OuterRef("pk"), state=EventState.WAITING, next_try__lte=now
    ).order_by()
    first = due.values("endpoint").annotate(first=Min("next_try")).values("first")
    waiting = Endpoint.objects.filter(Exists(due)).annotate(first=first)
    return list(dict.fromkeys(waiting.order_by("first").values_list("source", flat=True)))


def counts_by_state(user: Person | None) -> dict[str, int]:
    """How many events are in which state; states without any are 0."""
    rows = events_visible_to(user).order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(EventState.values, 0) | dict(rows)


@dataclass(frozen=True)
class UnknownValue:
    """A value of a CRM that nothing here answers to, and how much waits for it."""

    source: str
    kind: str
    value: str
    events: int
    since: dt.datetime


def unknown_values(user: Person | None) -> list[UnknownValue]:
    """What has to be mapped, the value that most events wait for first."""
    return list(_unknown(events_visible_to(user)))


def waiting_values() -> list[UnknownValue]:
    """The same for the system itself."""
    return unknown_values(None)


def _unknown(events: QuerySet[InboxEvent]) -> Iterator[UnknownValue]:
    one = Func(F("waits_for"), function="unnest", output_field=CharField())
    parked = events.filter(state=EventState.NEEDS_MAPPING).order_by().annotate(unknown=one)
    counted = parked.values("endpoint__source", "unknown").annotate(count=Count("pk"), since=Min("occurred"))
    for row in counted.order_by("-count", "endpoint__source", "unknown"):
        kind, _, value = row["unknown"].partition(":")
        yield UnknownValue(row["endpoint__source"], kind, value, row["count"], row["since"])


def events_waiting_for(source: str, kind: str, value: str) -> QuerySet[InboxEvent]:
    """The parked events of a CRM that wait for a value, in whatever case it was written."""
    wanted = f"{kind}:{value}".casefold()
    parked = InboxEvent.objects.filter(endpoint__source=source, state=EventState.NEEDS_MAPPING)
    rows = parked.values_list("pk", "waits_for")
    keys = [pk for pk, unknown in rows if wanted in {one.casefold() for one in unknown}]
    return InboxEvent.objects.filter(pk__in=keys)


def applied_events_with(source: str, name: str, value: str) -> QuerySet[InboxEvent]:
    """The events of a CRM that were applied with this text in the field `name`."""
    applied = (EventState.APPLIED, EventState.PARTLY, EventState.SUPERSEDED)
    return InboxEvent.objects.filter(
        endpoint__source=source, state__in=applied, **{f"fields__{name}__iexact": value}
    )
