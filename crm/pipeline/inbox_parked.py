"""Events that wait for something unknown are let go once it is known: by a mapping, or by a new row."""

from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import EventState, InboxEvent
from crm.pipeline.inbox_sources import lock_source
from crm.pipeline.names import TABLES, Names, NotKnown
from crm.selectors.inbox import UnknownValue, events_waiting_for, waiting_values


def apply_again(events: QuerySet[InboxEvent]) -> int:
    """Let events be applied anew by the workers. Says how many."""
    return events.update(
        state=EventState.WAITING, waits_for=[], attempts=0, next_try=timezone.now(), error="", settled=None
    )


def release_known() -> int:
    """Let go what waits for a stage, rep, account, product, currency or market that is there by now.

    Nobody has to save a mapping for it: a row that was added, renamed or imported is enough.
    """
    by_source = groupby(sorted(waiting_values(), key=_source), key=_source)
    return sum(_release(source, list(values)) for source, values in by_source)


def _source(value: UnknownValue) -> str:
    return value.source


@transaction.atomic
def _release(source: str, values: list[UnknownValue]) -> int:
    lock_source(source)
    wanted: dict[str, set[str]] = {}
    for one in values:
        if one.kind in TABLES:
            wanted.setdefault(one.kind, set()).add(one.value)
    names = Names(source, wanted)
    known = [one for one in values if one.kind in wanted and _is_known(names, one)]
    return sum(_let_go(known))


def _let_go(known: Iterable[UnknownValue]) -> list[int]:
    return [apply_again(events_waiting_for(one.source, one.kind, one.value)) for one in known]


def _is_known(names: Names, one: UnknownValue) -> bool:
    try:
        names.find(one.kind, one.value)
    except NotKnown:
        return False
    return True
