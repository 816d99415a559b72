"""Records of a CRM other than deals, folded from their events in whatever order they come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.records import Outcome, RecordState, apply
from crm.models import EventState, OutsideRecord, ValueKind
from crm.pipeline.decoding import READ_THERE
from crm.pipeline.names import Names, NotKnown
from crm.pipeline.settling import Settled, Unknown

STATES = {
    Outcome.APPLIED: EventState.APPLIED,
    Outcome.PARTLY: EventState.PARTLY,
    Outcome.SUPERSEDED: EventState.SUPERSEDED,
}
BETTER = [Outcome.SUPERSEDED, Outcome.PARTLY, Outcome.APPLIED]


@dataclass(frozen=True)
class Shape:
    """What is read of a kind of record: our name by the senders' (folded), the fields that name other
    rows, and those that must be a whole number or an amount."""

    entity: str
    fields: dict[str, str]
    references: dict[str, str] = field(default_factory=dict)
    checks: dict[str, Callable[[str], str]] = field(default_factory=dict)

    def read(self, event: Event) -> Event | Settled:
        """The event with our names, or why it cannot be used. `checks` answer with what is wrong."""
        if event.kind is EventKind.FETCH:
            error = READ_THERE
            return Settled(EventState.NEEDS_RECORD, error=error)
        known = {
            ours: text.strip()
            for name, text in event.fields.items()
            if (ours := self.fields.get(name.casefold().replace("_", "")))
        }
        if event.fields and not known:
            shown = ", ".join(sorted(event.fields))[:200]
            return Settled(EventState.SKIPPED, error=f"Nothing in it is used here: {shown}.")
        wrong = [problem for name, check in self.checks.items() if (problem := check(known.get(name, "")))]
        return Settled(EventState.DEAD, error=wrong[0]) if wrong else replace(event, fields=known)


@dataclass
class Folded:
    """The records that events were about, with their states now, and what became of each event."""

    records: dict[str, OutsideRecord]
    states: dict[str, RecordState]
    settled: list[Settled]
    about: list[str]

    def wait(self, external_id: str, unknown: Unknown) -> None:
        """Events about this record wait: it cannot stand here before something is known."""
        waiting = Settled(EventState.NEEDS_MAPPING, (unknown,))
        self.settled = [
            waiting if about == external_id and one.outcome in STATES.values() else one
            for about, one in zip(self.about, self.settled, strict=True)
        ]

    def store(self) -> None:
        """Keep the states and the rows that the records became."""
        for key, state in self.states.items():
            self.records[key].written = state.as_json()
        columns = ["written", "account", "contact", "line"]
        OutsideRecord.objects.bulk_update([self.records[key] for key in self.states], columns)


def fold_events(source: str, shape: Shape, events: Sequence[Event]) -> Folded:
    """Fold events into their records, which stay locked until the caller's transaction ends.

    An event that names somebody or something unknown waits for a mapping and is not folded.
    """
    read = [shape.read(event) for event in events]
    names = names_of(source, shape, [one.fields for one in read if isinstance(one, Event)])
    judged = [_judged(one, shape, names) for one in read]
    good = [one for one in judged if isinstance(one, Event)]
    records = _locked(source, shape.entity, {key for one in good for key in (one.external_id, *one.merged)})
    states = {key: RecordState.of_json(row.written) for key, row in records.items()}
    settled = [one if isinstance(one, Settled) else _fold(one, states) for one in judged]
    return Folded(records, states, settled, [event.external_id for event in events])


def names_of(source: str, shape: Shape, fields: Sequence[dict[str, str] | object]) -> Names:
    """What the CRM's names in these fields mean."""
    wanted: dict[str, set[str]] = {}
    for each in fields:
        for name, kind in shape.references.items():
            if isinstance(each, dict) and each.get(name):
                wanted.setdefault(kind, set()).add(each[name])
    return Names(source, wanted)


def _judged(read: Event | Settled, shape: Shape, names: Names) -> Event | Settled:
    if isinstance(read, Settled):
        return read
    unknown = []
    for name, kind in shape.references.items():
        try:
            names.find(kind, read.fields.get(name, ""))
        except NotKnown as error:
            unknown.append(error.unknown)
    return Settled(EventState.NEEDS_MAPPING, tuple(unknown)) if unknown else read


def _locked(source: str, entity: str, external_ids: set[str]) -> dict[str, OutsideRecord]:
    wanted = sorted(external_ids)
    OutsideRecord.objects.bulk_create(
        [OutsideRecord(source=source, entity=entity, external_id=key) for key in wanted],
        ignore_conflicts=True,
    )
    rows = OutsideRecord.objects.filter(source=source, entity=entity, external_id__in=wanted)
    locked = rows.select_related("account", "contact", "line").order_by("external_id")
    return {row.external_id: row for row in locked.select_for_update(of=("self",))}


def _fold(event: Event, states: dict[str, RecordState]) -> Settled:
    outcomes = []
    for key in (event.external_id, *event.merged):
        states[key], outcome = apply(states[key], event, to=key)
        outcomes.append(outcome)
    return Settled(STATES[max(outcomes, key=BETTER.index)])


def told(state: RecordState) -> dict[str, str]:
    """The newest value of each field."""
    return {name: one.value for name, one in state.fields.items()}


def is_gone(state: RecordState) -> bool:
    """Whether the record was deleted, or lives on under another id."""
    return state.is_deleted or state.merged_into is not None


OWNER, ACCOUNT, PRODUCT = ValueKind.OWNER, ValueKind.ACCOUNT, ValueKind.PRODUCT
