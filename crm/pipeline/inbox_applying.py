"""Waiting events → deals, accounts and the rest, in chunks of one CRM at a time."""

import datetime as dt
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from crm.engine.backoff import wait_after
from crm.engine.webhooks import Event, EventKind
from crm.models import EventState, InboxEvent, ValueMapping
from crm.pipeline.inbox_rows import execute_rows
from crm.pipeline.inbox_sources import try_lock_source
from crm.pipeline.records import apply_events
from crm.pipeline.settling import Settled
from crm.selectors.inbox import endpoints_of, sources_with_due_events

logger = logging.getLogger(__name__)

EVENTS_AT_ONCE = 1_000
LONGEST_VALUE = ValueMapping._meta.get_field("value").max_length or 0
STORE = """
    UPDATE crm_inboxevent event
    SET state = outcome.state, waits_for = outcome.waits_for, error = outcome.error, reason = outcome.reason,
        attempts = outcome.attempts, next_try = outcome.next_try::timestamptz,
        settled = outcome.settled::timestamptz
    FROM (VALUES %s) outcome (id, state, waits_for, error, reason, attempts, next_try, settled)
    WHERE event.id = outcome.id
"""
ROW = "(%s, %s, %s::varchar[], %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class _Outcome:
    """An event, and what became of it; `failed` where the applier broke."""

    event: InboxEvent
    settled: Settled
    failed: bool = False


def apply_waiting(*, most: int = EVENTS_AT_ONCE) -> int:
    """Apply the oldest due events of one CRM that no other worker has in hand. Says how many.

    Chunk, records and outcomes are one transaction: a killed worker leaves the events waiting, and
    applying an event twice changes nothing.
    """
    now = timezone.now()
    for source in sources_with_due_events(now):
        with transaction.atomic():
            if try_lock_source(source) and (count := _apply_chunk(source, now, most)):
                return count
    return 0


def _apply_chunk(source: str, now: dt.datetime, most: int) -> int:
    due = InboxEvent.objects.filter(
        endpoint__in=endpoints_of(source), state=EventState.WAITING, next_try__lte=now
    )
    events = list(due.order_by("next_try", "id").select_for_update(of=("self",))[:most])
    by_entity = sorted(events, key=lambda event: event.entity)
    for entity, group in groupby(by_entity, key=lambda event: event.entity):
        _store(_applied(source, entity, list(group)), now)
    return len(events)


def _applied(source: str, entity: str, events: list[InboxEvent]) -> list[_Outcome]:
    """All at once; where that breaks, in halves, so that only the event that breaks it is left."""
    try:
        with transaction.atomic():
            settled = apply_events(source, entity, [as_event(event) for event in events])
    except (OperationalError, InterfaceError):
        raise  # the database is gone or chose us in a deadlock: the chunk stays waiting
    except Exception as error:
        if len(events) > 1:
            middle = len(events) // 2
            return _applied(source, entity, events[:middle]) + _applied(source, entity, events[middle:])
        logger.exception("Event %s broke its applier", events[0].pk)
        sentence = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return [_Outcome(events[0], Settled(EventState.DEAD, error=sentence), failed=True)]
    return [_Outcome(event, one) for event, one in zip(events, settled, strict=True)]


def as_event(row: InboxEvent) -> Event:
    """The event that a row keeps."""
    return Event(
        entity=row.entity,
        external_id=row.external_id,
        kind=EventKind(row.kind),
        occurred=row.occurred,
        dedupe_key=row.dedupe_key,
        version=row.version,
        fields=row.fields,
        merged=tuple(row.merged),
    )


def _store(outcomes: Sequence[_Outcome], now: dt.datetime) -> None:
    execute_rows(STORE, [_row(one, now) for one in outcomes], ROW)


def _row(one: _Outcome, now: dt.datetime) -> tuple[object, ...]:
    settled, attempts = _possible(one.settled), one.event.attempts + 1
    state, next_try = settled.outcome, None
    wait = wait_after(attempts, random.random()) if one.failed else None  # noqa: S311 - only spreads load
    if wait is not None:
        state, next_try = EventState.WAITING, now + wait
    skipped = state == EventState.SKIPPED
    return (
        one.event.pk,
        state.value,
        sorted(map(str, settled.unknown)),
        "" if skipped else settled.error[:300],
        (settled.error[:300] or "Nothing here uses it.") if skipped else "",
        attempts,
        next_try,
        None if next_try else now,
    )


def _possible(settled: Settled) -> Settled:
    """A value too long for a mapping would wait for ever."""
    for unknown in settled.unknown:
        if len(unknown.value) > LONGEST_VALUE:
            text = f"{unknown.kind} is longer than {LONGEST_VALUE} characters."
            return replace(settled, outcome=EventState.DEAD, unknown=(), error=text)
    return settled
