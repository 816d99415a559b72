"""Stored deliveries → events, in batches. The same change seen again only counts."""

import hashlib
import json
import logging
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from crm.engine.webhooks import ADAPTERS, Event, Unreadable
from crm.models import Delivery, DeliveryState, EventState, InboxEvent
from crm.pipeline.inbox_rows import execute_rows

logger = logging.getLogger(__name__)

DELIVERIES_AT_ONCE = 50
EVENTS_AT_ONCE = 5_000
LONGEST = {field.name: field.max_length or 0 for field in InboxEvent._meta.concrete_fields}
INSERT = """
    INSERT INTO crm_inboxevent AS known (
        endpoint_id, delivery_id, entity, external_id, kind, occurred, version, dedupe_key, fields, merged,
        seen, state, waits_for, attempts, next_try, error, reason
    ) VALUES %s
    ON CONFLICT (endpoint_id, dedupe_key) DO UPDATE SET seen = known.seen + EXCLUDED.seen
"""
SENT = "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::varchar[], %s"
ROW = f"({SENT}, '{EventState.WAITING}', '{{}}', 0, %s, '', '')"
MARK = """
    UPDATE crm_delivery delivery SET state = read.state, events = read.events, error = read.error
    FROM (VALUES %s) read (id, state, events, error) WHERE delivery.id = read.id
"""


@dataclass
class _Read:
    """A delivery and what was found in it; `error` where it cannot be read."""

    delivery: Delivery
    events: list[Event] = field(default_factory=list)
    error: str = ""


def read_waiting(*, most: int = DELIVERIES_AT_ONCE) -> int:
    """Read the oldest waiting deliveries that no other worker has in hand. Says how many.

    All of it happens in one transaction: a killed worker leaves them waiting.
    """
    with transaction.atomic():
        waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("id")
        locked = waiting.select_related("endpoint").select_for_update(skip_locked=True, of=("self",))
        read = _until_enough(list(locked[:most]))
        try:
            with transaction.atomic():
                _store(read)
        except (DataError, IntegrityError):
            for one in read:
                _store_alone(one)
        return len(read)


def _until_enough(deliveries: list[Delivery]) -> list[_Read]:
    """A few huge deliveries make a batch as well as many small ones."""
    read: list[_Read] = []
    total = 0
    for delivery in deliveries:
        if total >= EVENTS_AT_ONCE:
            break
        read.append(_read(delivery))
        total += len(read[-1].events)
    return read


def _read(delivery: Delivery) -> _Read:
    try:
        events = ADAPTERS[delivery.endpoint.provider].parse(bytes(delivery.body))
        _refuse_oversize(events)
    except Unreadable as error:
        return _Read(delivery, error=str(error)[:300])
    except Exception as error:
        logger.exception("Delivery %s broke its parser", delivery.pk)
        return _Read(delivery, error=f"The parser broke: {type(error).__name__}. Report it."[:300])
    return _Read(delivery, events)


def _refuse_oversize(events: list[Event]) -> None:
    for event in events:
        for name in ("entity", "external_id"):
            if len(getattr(event, name)) > LONGEST[name]:
                raise Unreadable(f"{name} is longer than {LONGEST[name]} characters.")


def _store_alone(read: _Read) -> None:
    """One delivery that the database refuses must not hold up the others."""
    try:
        with transaction.atomic():
            _store([read])
    except (DataError, IntegrityError) as error:
        logger.exception("The database refuses what delivery %s holds", read.delivery.pk)
        sentence = f"The database refuses what it holds: {str(error).splitlines()[0]}"
        _mark([_Read(read.delivery, error=sentence[:300])])


def _store(read: list[_Read]) -> None:
    execute_rows(INSERT, _rows(read), ROW)
    _mark(read)


def _mark(read: list[_Read]) -> None:
    rows = [
        (
            one.delivery.pk,
            DeliveryState.UNREADABLE.value if one.error else DeliveryState.READ.value,
            len(one.events),
            one.error,
        )
        for one in read
    ]
    execute_rows(MARK, rows)


def _rows(read: list[_Read]) -> list[tuple[Any, ...]]:
    """Each change once, with how often it was seen, in the order of the key: two workers that meet the
    same changes then wait for each other and never in a circle."""
    found: dict[tuple[int, str], tuple[Delivery, Event, int]] = {}
    for one in read:
        for event in one.events:
            key = one.delivery.endpoint_id, _key(event.dedupe_key)
            first, known, seen = found.get(key, (one.delivery, event, 0))
            found[key] = first, known, seen + 1
    now = timezone.now()
    return [
        (
            endpoint,
            delivery.pk,
            clean(event.entity),
            clean(event.external_id),
            event.kind.value,
            event.occurred,
            event.version,
            key,
            json.dumps({clean(name): clean(text) for name, text in event.fields.items()}),
            [clean(name) for name in event.merged],
            seen,
            now,
        )
        for (endpoint, key), (delivery, event, seen) in sorted(found.items(), key=lambda item: item[0])
    ]


def _key(key: str) -> str:
    """The key itself, or its hash where it is longer than the column."""
    key = clean(key)
    return key if len(key) <= LONGEST["dedupe_key"] else hashlib.sha256(key.encode()).hexdigest()


def clean(text: str) -> str:
    """Without what PostgreSQL cannot keep: NUL, and halves of surrogate pairs that JSON may hold."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
