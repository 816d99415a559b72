"""From what a sender wrote to what stands here: the same rules for every kind of record."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.engine.unfit import Unfit
from crm.engine.webhooks import Event, EventKind
from crm.models import EventState
from crm.pipeline.names import NotKnown
from crm.pipeline.settling import Settled, Unknown

READ_THERE = "Its system says that it changed, not what. Read it there."


def values_of(
    event: Event, used: Mapping[str, str], value: Callable[[str, str], Any]
) -> dict[str, Any] | Settled:
    """The values of the fields that are used here, by `value(name, text)`; or why the event cannot be
    applied now: nothing was told, nothing of it is used, a value is unfit, or names are not known."""
    if event.kind is EventKind.FETCH:
        return Settled(EventState.NEEDS_RECORD, error=READ_THERE)
    if event.fields and not used:
        shown = ", ".join(sorted(event.fields))[:200]
        return Settled(EventState.SKIPPED, error=f"Nothing in it is used here: {shown}.")
    unknown: list[Unknown] = []
    values: dict[str, Any] = {}
    for name, text in used.items():
        try:
            values[name] = value(name, text)
        except NotKnown as error:
            unknown.append(error.unknown)
        except Unfit as error:
            return Settled(EventState.DEAD, error=str(error))
    return Settled(EventState.NEEDS_MAPPING, tuple(unknown)) if unknown else values
