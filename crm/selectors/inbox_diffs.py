"""What an event changes: each field before it, in it, and now. Read from the events themselves.

Before is what the record's earlier events say, in the order in which things happened at the CRM,
not in which they arrived; for deals, what imports and people said counts as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from crm.engine.webhooks.events import EventKind
from crm.models import DealChange, EventState, InboxEvent

APPLIED = (EventState.APPLIED, EventState.PARTLY, EventState.SUPERSEDED)
MOST = 5000  # earlier events that are read for one page
LIFE = "life"
LABELS = {
    "name": "Name",
    "stage": "Stage",
    "amount": "Amount",
    "currency": "Currency",
    "owner": "Owner",
    "account": "Account",
    "product": "Product",
    "pipeline": "Pipeline",
    "probability": "Probability",
    "created": "Created",
    "expected_close": "Expected close",
    "closed": "Closed",
    "next_step": "Next step",
    "lost_reason": "Lost reason",
    LIFE: "The record",
}
LIVES = {EventKind.DELETE: "deleted", EventKind.RESTORE: "there", EventKind.MERGE: "merged"}
Record = tuple[str, str, str]  # source, entity, external id
State = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class FieldDiff:
    """One field of an event: what stood there before it, what it says, what stands there now."""

    name: str
    label: str
    before: str
    after: str
    now: str

    @property
    def is_news(self) -> bool:
        """Whether the event said something else than what was known before."""
        return self.before != self.after


def diffs_of(events: Sequence[InboxEvent]) -> dict[int, list[FieldDiff]]:
    """The fields of each event by its id; two questions however many there are."""
    histories = _histories(events)
    steps = _steps(events)
    return {event.pk: _diffs(event, histories[_record(event)], steps[_record(event)]) for event in events}


def _record(event: InboxEvent) -> Record:
    return event.endpoint.source, event.entity, event.external_id


def _stamp(event: InboxEvent) -> tuple[Any, ...]:
    return event.occurred, event.version, event.dedupe_key


def _histories(events: Sequence[InboxEvent]) -> dict[Record, list[InboxEvent]]:
    """The applied events of the same records, in the order in which they happened."""
    wanted = {_record(event) for event in events}
    rows = InboxEvent.objects.filter(
        endpoint__source__in={source for source, _, _ in wanted},
        entity__in={entity for _, entity, _ in wanted},
        external_id__in={key for _, _, key in wanted},
        state__in=APPLIED,
    )
    found: dict[Record, list[InboxEvent]] = defaultdict(list)
    newest = rows.select_related("endpoint").order_by("-occurred", "-version", "-dedupe_key")[:MOST]
    for event in reversed(newest):
        found[_record(event)].append(event)
    return found


def _steps(events: Iterable[InboxEvent]) -> dict[Record, list[DealChange]]:
    """The histories of the deals among the records, in the order of time, whoever wrote them."""
    found: dict[Record, list[DealChange]] = defaultdict(list)
    deals = {_record(event) for event in events if event.entity == "deal"}
    if not deals:
        return found
    which = Q(deal__external_id__in={key for _, _, key in deals})
    which &= Q(deal__source__in={source for source, _, _ in deals})
    steps = DealChange.objects.filter(which).select_related("deal").order_by("occurred", "version", "key")
    for step in steps:
        found[step.deal.source, "deal", step.deal.external_id].append(step)
    return found


def _diffs(event: InboxEvent, history: list[InboxEvent], steps: list[DealChange]) -> list[FieldDiff]:
    earlier = _state([one for one in history if _stamp(one) < _stamp(event)])
    now = _state(history)
    before = [step for step in steps if (step.occurred, step.version, step.key) < _stamp(event)]
    return [
        FieldDiff(
            name,
            LABELS.get(name, name),
            before=_newest(name, earlier, before),
            after=text,
            now=_newest(name, now, steps),
        )
        for name, text in said_by(event).items()
    ]


def _newest(name: str, state: State, steps: list[DealChange]) -> str:
    """What stood in a field: as the CRM wrote it, unless a file or a person wrote it after that."""
    text, key = state.get(name, ("", ""))
    step = next((one for one in reversed(steps) if one.field == name), None)
    return text if step is None or step.key == key else step.after


def said_by(event: InboxEvent) -> dict[str, str]:
    """The fields of an event; of one that deletes, restores or merges, what becomes of the record."""
    kind = EventKind(event.kind)
    if kind is EventKind.MERGE:
        return {LIFE: f"takes in {', '.join(event.merged)}"}
    return {LIFE: LIVES[kind]} if kind in LIVES else dict(event.fields)


def _state(history: Iterable[InboxEvent]) -> State:
    """Field → its newest text and the key of the event that wrote it."""
    state: State = {}
    for event in history:
        state |= {name: (text, event.dedupe_key) for name, text in said_by(event).items()}
    return state
