"""Deals as their events make them: webhooks, imports and pages all go through `apply_deal_events`.

Whatever order events arrive in and however often, the deal ends the same: per field the newest
stamp wins (crm.engine.webhooks.records), and what is derived from the history is derived anew.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.records import Outcome, RecordState, apply
from crm.models import Deal, DealLine, EventState
from crm.pipeline.deal_steps import Step, step_of, store_steps
from crm.pipeline.deal_sums import refresh_derived
from crm.pipeline.deal_values import COLUMNS, LINES, Decoded, Line, day_of, decode, names_for
from crm.pipeline.settling import Settled

STEPS = {"stage": "stage", "amount": "amount", "expected_close": "expected_close", "owner": "rep"}
FIRST = "(first)"  # the earliest news of a deal, in Deal.written: its day of creation where none was sent
IN_COLUMNS = [column for column in dict.fromkeys(COLUMNS.values()) if column != LINES]
WRITTEN_COLUMNS = [*IN_COLUMNS, "is_deleted", "merged_into", "written"]
STATES = {
    Outcome.APPLIED: EventState.APPLIED,
    Outcome.PARTLY: EventState.PARTLY,
    Outcome.SUPERSEDED: EventState.SUPERSEDED,
}
BETTER = [Outcome.SUPERSEDED, Outcome.PARTLY, Outcome.APPLIED]


def apply_deal_events(source: str, events: Sequence[Event], *, named_by: str | None = None) -> list[Settled]:
    """Apply events of one CRM to its deals, and say of each what became of it, in their order.

    Stages, owners and products in them are called as the CRM calls them; `named_by=OUR_CODES` is for
    people and imports, who write our own.

    Runs inside the caller's transaction. The deals stay locked until it ends, in the order of their
    ids, so that two batches never wait for each other. An event that cannot be applied touches nothing.
    """
    names = names_for(source if named_by is None else named_by, events)
    decoded = [decode(event, names) for event in events]
    good = [one for one in decoded if isinstance(one, Decoded)]
    batch = _Batch(_locked(source, {name for one in good for name in _targets(one.event)}))
    settled = [one if isinstance(one, Settled) else batch.apply(one) for one in decoded]
    batch.store()
    return settled


def _targets(event: Event) -> tuple[str, ...]:
    return (event.external_id, *event.merged)


def _locked(source: str, external_ids: Iterable[str]) -> dict[str, Deal]:
    """The deals of these ids, made where they are missing, locked."""
    wanted = sorted(external_ids)
    known = set(
        Deal.objects.filter(source=source, external_id__in=wanted).values_list("external_id", flat=True)
    )
    missing = [Deal(source=source, external_id=one) for one in wanted if one not in known]
    Deal.objects.bulk_create(missing, ignore_conflicts=True)
    rows = Deal.objects.filter(source=source, external_id__in=wanted).order_by("external_id")
    return {deal.external_id: deal for deal in rows.select_for_update(of=("self",))}


@dataclass
class _Batch:
    """Deals on their way to a new state, and the steps of their histories."""

    deals: dict[str, Deal]
    states: dict[str, RecordState] = field(default_factory=dict)
    steps: dict[tuple[int, str, str], Step] = field(default_factory=dict)
    lines: dict[int, list[Line]] = field(default_factory=dict)

    def apply(self, decoded: Decoded) -> Settled:
        outcomes = [self._apply_to(name, decoded) for name in _targets(decoded.event)]
        return Settled(STATES[max(outcomes, key=BETTER.index)])

    def _apply_to(self, name: str, decoded: Decoded) -> Outcome:
        deal, event = self.deals[name], decoded.event
        before = self._state(name)
        used = {field: text for field, text in event.fields.items() if field in COLUMNS}
        after, outcome = apply(before, _with_fields(event, used), to=name)
        self.states[name] = after
        for key in used:
            if after.fields[key].stamp.key == event.dedupe_key:
                self._write(deal, COLUMNS[key], decoded.values[COLUMNS[key]])
        self._note_life(deal, after)
        self._note_steps(deal, decoded)
        return outcome

    def _write(self, deal: Deal, column: str, value: Any) -> None:
        if column == LINES:
            self.lines[deal.pk] = value
        else:
            setattr(deal, column, value)

    def _state(self, name: str) -> RecordState:
        if name not in self.states:
            stored = {key: value for key, value in self.deals[name].written.items() if key != FIRST}
            self.states[name] = RecordState.of_json(stored)
        return self.states[name]

    def _note_life(self, deal: Deal, state: RecordState) -> None:
        deal.is_deleted = state.is_deleted
        if state.merged_into is not None:
            deal.merged_into = self.deals.get(state.merged_into.value, deal.merged_into)

    def _note_steps(self, deal: Deal, decoded: Decoded) -> None:
        event = decoded.event
        if event.kind is not EventKind.CHANGE:
            return
        _note_first(deal, event.occurred)
        for key, column in STEPS.items():
            if key in event.fields:
                step = step_of(deal.pk, key, decoded.values[column], event)
                self.steps[deal.pk, key, step.key] = step

    def store(self) -> None:
        touched = [self.deals[name] for name in self.states]
        for deal in touched:
            kept = {FIRST: deal.written[FIRST]} if FIRST in deal.written else {}
            deal.closed = day_of(self.states[deal.external_id].value("closed"))
            deal.written = self.states[deal.external_id].as_json() | kept
            deal.revision += 1
        _store(touched, list(self.steps.values()))
        _store_lines(self.lines)


def _with_fields(event: Event, fields: dict[str, str]) -> Event:
    return event if len(fields) == len(event.fields) else Event(**{**vars(event), "fields": fields})


def _note_first(deal: Deal, occurred: dt.datetime) -> None:
    known = deal.written.get(FIRST)
    if known is None or occurred.isoformat() < known:
        deal.written[FIRST] = occurred.isoformat()


def _store(deals: list[Deal], steps: list[Step]) -> None:
    if not deals:
        return
    Deal.objects.bulk_create(
        deals,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=[*WRITTEN_COLUMNS, "revision", "updated"],
    )
    store_steps(steps)
    refresh_derived([deal.pk for deal in deals])


def _store_lines(lines: dict[int, list[Line]]) -> None:
    """The newest list replaces the one before."""
    if not lines:
        return
    DealLine.objects.filter(deal__in=lines).delete()
    DealLine.objects.bulk_create(
        DealLine(deal_id=deal, position=position, **vars(line))
        for deal, found in lines.items()
        for position, line in enumerate(found, start=1)
    )
