"""The state of a record from its events, in whatever order and however often they came.

Each field keeps the stamp of who wrote it last: senders such as HubSpot send one property at a
time, so that a late message may be old news for one field and news for another. A delete is a
tombstone that only a newer restore lifts. A merge makes the other names aliases of the winner.
"""

import datetime as dt
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from crm.engine.webhooks.events import Event, EventKind

DELETED, MERGED_INTO = "(deleted)", "(merged into)"  # beside the fields where a state is stored


@dataclass(frozen=True, order=True)
class Stamp:
    """When a change happened at the sender; `key` makes the order total where two are equal."""

    occurred: dt.datetime
    version: int
    key: str

    @classmethod
    def of(cls, event: Event) -> "Stamp":
        """The stamp by which the fields of an event are put in order."""
        return cls(event.occurred, event.version, event.dedupe_key)


@dataclass(frozen=True)
class Written:
    """A value and when it was written."""

    value: str
    stamp: Stamp


@dataclass(frozen=True)
class RecordState:
    """What is known of one record: its fields, whether it is deleted, whom it was merged into."""

    fields: Mapping[str, Written] = field(default_factory=dict)
    deleted: Written | None = None  # value "yes" or "no"
    merged_into: Written | None = None
    stages: tuple[tuple[Stamp, str], ...] = ()

    @property
    def is_deleted(self) -> bool:
        """Whether the newest word about it is that it was deleted."""
        return self.deleted is not None and self.deleted.value == "yes"

    def value(self, name: str) -> str:
        """The newest value of a field; empty where nothing is known."""
        return self.fields[name].value if name in self.fields else ""

    def as_json(self) -> dict[str, list[Any]]:
        """As it is stored beside the record: name → value, time, version, key."""
        written = {**self.fields, DELETED: self.deleted, MERGED_INTO: self.merged_into}
        return {name: _as_list(one) for name, one in written.items() if one is not None}

    @classmethod
    def of_json(cls, stored: Mapping[str, list[Any]]) -> "RecordState":
        """What `as_json` wrote."""
        written = {name: _of_list(parts) for name, parts in stored.items()}
        deleted, merged_into = written.pop(DELETED, None), written.pop(MERGED_INTO, None)
        return cls(written, deleted, merged_into)


def _as_list(written: Written) -> list[Any]:
    stamp = written.stamp
    return [written.value, stamp.occurred.isoformat(), stamp.version, stamp.key]


def _of_list(parts: list[Any]) -> Written:
    value, occurred, version, key = parts
    return Written(value, Stamp(dt.datetime.fromisoformat(occurred), version, key))


class Outcome(StrEnum):
    """What became of an event when it met what was known."""

    APPLIED = "applied"
    PARTLY = "partly"  # some fields were news
    SUPERSEDED = "superseded"  # everything in it was known better already


def apply(state: RecordState, event: Event, *, to: str) -> tuple[RecordState, Outcome]:
    """The record `to` after one more event about it. Raises ValueError for an event about another.

    The newest event again counts as applied: so it can be applied anew after a mapping was mended.
    """
    if to != event.external_id and to not in event.merged:
        raise ValueError(f"The event is about {event.external_id}, not about {to}.")
    stamp = Stamp.of(event)
    if event.kind is EventKind.MERGE:
        return (
            (state, Outcome.APPLIED) if to == event.external_id else _merged(state, event.external_id, stamp)
        )
    if event.kind in {EventKind.DELETE, EventKind.RESTORE}:
        return _life(state, Written("yes" if event.kind is EventKind.DELETE else "no", stamp))
    return _changed(state, event, stamp)


def fold(events: Iterable[Event], *, to: str) -> RecordState:
    """The record's state after all its events; each dedupe key counts once."""
    state, seen = RecordState(), set()
    for event in events:
        if event.dedupe_key not in seen:
            seen.add(event.dedupe_key)
            state, _ = apply(state, event, to=to)
    return state


def _merged(state: RecordState, winner: str, stamp: Stamp) -> tuple[RecordState, Outcome]:
    if state.merged_into is not None and state.merged_into.stamp > stamp:
        return state, Outcome.SUPERSEDED
    return replace(state, merged_into=Written(winner, stamp)), Outcome.APPLIED


def _life(state: RecordState, written: Written) -> tuple[RecordState, Outcome]:
    if state.deleted is not None and state.deleted.stamp > written.stamp:
        return state, Outcome.SUPERSEDED
    return replace(state, deleted=written), Outcome.APPLIED


def _changed(state: RecordState, event: Event, stamp: Stamp) -> tuple[RecordState, Outcome]:
    news = {
        name: Written(value, stamp)
        for name, value in event.fields.items()
        if name not in state.fields or state.fields[name].stamp <= stamp
    }
    stages = (
        _with_stage(state.stages, stamp, event.fields["stage"]) if "stage" in event.fields else state.stages
    )
    after = replace(state, fields={**state.fields, **news}, stages=stages)
    if len(news) == len(event.fields):
        return after, Outcome.APPLIED
    return after, Outcome.PARTLY if news else Outcome.SUPERSEDED


def _with_stage(
    stages: tuple[tuple[Stamp, str], ...], stamp: Stamp, stage: str
) -> tuple[tuple[Stamp, str], ...]:
    """The full stage history: late news about an earlier stage takes its place in it."""
    if any(known == stamp for known, _ in stages):
        return stages
    longer = list(stages)
    insort(longer, (stamp, stage))
    return tuple(longer)
