"""Leads as a CRM's events make them, in whatever order they come: per field the newest stamp wins.

What people do here with a lead of a CRM stays until the CRM has newer news of that very field.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.text import slugify

from crm.engine.lead_fields import TEXTS, fields_of, state_of
from crm.engine.unfit import Unfit
from crm.engine.webhooks.arriving import Unreadable
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.records import Outcome, RecordState, apply
from crm.engine.webhooks.values import time_of
from crm.models import (
    EventState,
    Lead,
    LeadSource,
    LeadState,
    LeadStepKind,
    Rep,
    ValueKind,
    ValueMapping,
)
from crm.pipeline.decoding import values_of
from crm.pipeline.lead_giving import GIVEN, Giving
from crm.pipeline.lead_intake import prepare, settle, take_in
from crm.pipeline.names import Names, NotKnown
from crm.pipeline.settling import Settled, Unknown

MOMENTS = ("arrived", "answered", "converted")
REFERENCES = {"owner": ValueKind.OWNER, "account": ValueKind.ACCOUNT, "market": ValueKind.MARKET}
MOST_EMPLOYEES = 2_147_483_647
LONGEST = 200  # characters of a text that has no length of its own
WRITTEN = [
    *("source", "account", "market", "state", "disqualified_because", "employees", *TEXTS, *MOMENTS, "keys"),
    *("is_deleted", "duplicate_of", "deal", "written", *GIVEN),
]
STEPS = {
    LeadState.WORKING: LeadStepKind.ANSWERED,
    LeadState.QUALIFIED: LeadStepKind.QUALIFIED,
    LeadState.CONVERTED: LeadStepKind.CONVERTED,
    LeadState.DISQUALIFIED: LeadStepKind.DISQUALIFIED,
}
STATES = {
    Outcome.APPLIED: EventState.APPLIED,
    Outcome.PARTLY: EventState.PARTLY,
    Outcome.SUPERSEDED: EventState.SUPERSEDED,
}
BETTER = [Outcome.SUPERSEDED, Outcome.PARTLY, Outcome.APPLIED]
NO_REASON = "Not said by the CRM"
# A deal may be told after the lead that became it; one that was merged since is the deal it was merged into.
LINK = """
    UPDATE crm_lead AS lead SET deal_id = coalesce(deal.merged_into_id, deal.id), revision = lead.revision + 1
    FROM crm_deal AS deal
    WHERE lead.deal_id IS NULL AND lead.system = deal.source AND lead.written->'deal'->>0 = deal.external_id
      AND (%(leads)s::bigint[] IS NULL OR lead.id = ANY(%(leads)s::bigint[]))
"""


@dataclass(frozen=True)
class Read:
    """An event about a lead with its fields by our names, as they were sent and as they are here."""

    event: Event
    values: dict[str, Any]


def apply_lead_events(source: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events of one CRM to its leads, and say of each what became of it, in their order.

    Runs inside the caller's transaction. New leads are matched, joined and given like any others.
    """
    reader = _Reader(source, events)
    read = [reader.read(event) for event in events]
    good = [one for one in read if isinstance(one, Read)]
    batch = _Batch(source, sorted({name for one in good for name in _targets(one.event)}))
    settled = [one if isinstance(one, Settled) else batch.apply(one) for one in read]
    batch.store(timezone.now())
    return settled


def link_leads(leads: Sequence[int] | None = None) -> int:
    """Tie leads of CRMs to the deals they became, all or those with these keys; says how many."""
    with connection.cursor() as cursor:
        cursor.execute(LINK, {"leads": None if leads is None else list(leads)})
        return cursor.rowcount


def _targets(event: Event) -> tuple[str, ...]:
    return (event.external_id, *event.merged)


# --- what was sent --------------------------------------------------------------------------------


class _Reader:
    """Reads the fields of events; names are looked up once for all of them."""

    def __init__(self, source: str, events: Sequence[Event]) -> None:
        sent = {event.dedupe_key: fields_of(event.fields) for event in events}
        self._sent = sent
        self._names = Names(
            source,
            {kind: {one.get(name, "") for one in sent.values()} - {""} for name, kind in REFERENCES.items()},
        )
        decided = ValueMapping.objects.filter(source=source, kind=ValueKind.LEAD)
        self._states = {
            one.value.strip().casefold(): None if one.is_ignored else one.target_code for one in decided
        }
        self._sources = _sources({one.get("source", "") for one in sent.values()}, source)

    def read(self, event: Event) -> Read | Settled:
        """The event with its values, or why it cannot be applied now."""
        sent = self._sent[event.dedupe_key]
        values = values_of(event, sent, lambda name, text: self._value(name, text.strip()))
        if isinstance(values, Settled):
            return values
        return Read(Event(**{**vars(event), "fields": sent}), values)

    def _value(self, name: str, text: str) -> Any:
        if name in REFERENCES:
            return self._names.find(REFERENCES[name], text)
        if name in MOMENTS:
            return _moment(name, text)
        if name == "source":
            return self._sources[text.casefold()]
        if name == "state":
            return self._state(text)
        if name == "employees":
            return _whole(text)
        return text[: TEXTS.get(name, LONGEST)]

    def _state(self, text: str) -> str | None:
        if not text:
            return None
        if text.casefold() in self._states:
            return self._states[text.casefold()]
        found = state_of(text)
        if found is None:
            raise NotKnown(Unknown(ValueKind.LEAD, text))
        return found


def _moment(name: str, text: str) -> dt.datetime | None:
    try:
        return time_of(text) if text else None
    except Unreadable as error:
        raise Unfit(f"{name} is {text[:40]!r}, which is not a moment.") from error


def _whole(text: str) -> int | None:
    number = text.replace(",", "").partition(".")[0]
    if not text:
        return None
    if not number.isdigit() or int(number) > MOST_EMPLOYEES:
        raise Unfit(f"employees is {text[:40]!r}, which is not a whole number.")
    return int(number)


def _sources(texts: set[str], crm: str) -> dict[str, LeadSource]:
    """Sources by what the CRM calls them, folded; new ones are added: campaigns come and go. Leads
    without any are from the CRM itself."""
    wanted = {text.strip().casefold(): text.strip() or crm for text in (*texts, "")}
    found: dict[str, LeadSource] = {}
    for row in LeadSource.objects.order_by("pk"):
        found.setdefault(row.code.casefold(), row)
        found.setdefault(row.name.casefold(), row)
    return {key: found.get(name.casefold()) or _new_source(name, found) for key, name in wanted.items()}


def _new_source(name: str, found: dict[str, LeadSource]) -> LeadSource:
    code = slugify(name)[:60] or "unnamed"
    row = found.get(code) or LeadSource.objects.get_or_create(code=code, defaults={"name": name[:200]})[0]
    found[name.casefold()] = found[code] = row
    return row


# --- what becomes of the leads --------------------------------------------------------------------


@dataclass
class _Batch:
    """The leads that events are about, on their way to a new state."""

    system: str
    wanted: list[str]
    leads: dict[str, Lead] = field(init=False)
    before: dict[str, tuple[str, int | None]] = field(init=False)
    states: dict[str, RecordState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = Lead.objects.filter(system=self.system, external_id__in=self.wanted).order_by("external_id")
        rows = rows.select_related("source", "account", "owner__person").select_for_update(
            of=("self",), no_key=True
        )
        self.leads = {lead.external_id: lead for lead in rows}
        self.before = {key: (lead.state, lead.owner_id) for key, lead in self.leads.items()}

    def apply(self, read: Read) -> Settled:
        outcomes = [self._apply_to(name, read) for name in _targets(read.event)]
        return Settled(STATES[max(outcomes, key=BETTER.index)])

    def _apply_to(self, name: str, read: Read) -> Outcome:
        lead, event = self._lead(name), read.event
        after, outcome = apply(self.states[name], event, to=name)
        self.states[name] = after
        for key, value in read.values.items():
            if after.fields[key].stamp.key == event.dedupe_key:
                _set(lead, key, value)
        if event.kind is EventKind.CHANGE:
            _note_times(lead, read)
        lead.is_deleted = after.is_deleted
        return outcome

    def _lead(self, name: str) -> Lead:
        if name not in self.leads:
            self.leads[name] = Lead(system=self.system, external_id=name)
        if name not in self.states:
            self.states[name] = RecordState.of_json(self.leads[name].written)
        return self.leads[name]

    def store(self, now: dt.datetime) -> None:
        touched = [self.leads[name] for name in self.states]
        usual = _sources(set(), self.system)[""] if touched else None
        for lead in touched:
            lead.written = self.states[lead.external_id].as_json()
            _complete(lead, usual, now)
        new = [lead for lead in touched if lead.pk is None]
        told = [lead for lead in new if self._is_told_of(lead)]
        Lead.objects.bulk_create([lead for lead in new if lead not in told])
        if told:
            take_in(told, at=now)
        self._merge(touched)
        self._update([lead for lead in touched if lead.external_id in self.before], now)
        if become := [lead.pk for lead in touched if self.states[lead.external_id].value("deal")]:
            link_leads(become)

    def _is_told_of(self, lead: Lead) -> bool:
        """Not only named by a merge or a delete: there is something to work on."""
        state = self.states[lead.external_id]
        return bool(state.fields) and state.merged_into is None

    def _merge(self, touched: list[Lead]) -> None:
        """Leads that their CRM merged are one here too."""
        for lead in touched:
            into = self.states[lead.external_id].merged_into
            winner = self.leads.get(into.value) if into is not None else None
            if winner is not None and winner.duplicate_of_id != lead.pk and winner is not lead:
                lead.duplicate_of = winner
        Lead.objects.bulk_update([lead for lead in touched if lead.duplicate_of_id], ["duplicate_of"])

    def _update(self, leads: list[Lead], now: dt.datetime) -> None:
        if not leads:
            return
        giving = Giving(now)
        prepare(leads)
        for lead in leads:
            state, owner = self.before[lead.external_id]
            lead.revision += 1
            if lead.state != state and lead.state in STEPS:
                giving.note(lead, STEPS[LeadState(lead.state)], "By the CRM", rep=lead.owner)
            if lead.owner is not None and lead.owner_id != owner:
                giving.hand_over(lead, lead.owner)
                giving.note(lead, LeadStepKind.GIVEN, "By the CRM", rep=lead.owner)
                giving.news[lead.owner.pk].append(lead)
        Lead.objects.bulk_update(leads, WRITTEN)
        told = [lead for lead in leads if lead.owner_id is None and self.states[lead.external_id].fields]
        settle(told, giving)


def _set(lead: Lead, name: str, value: Any) -> None:
    if name == "reason":
        lead.disqualified_because = value
    elif name == "owner":
        lead.owner = value if isinstance(value, Rep) else None
    elif name == "state":
        lead.state = value or lead.state
    elif name == "deal":
        lead.deal = None  # until the deal of that name is found
    elif name not in MOMENTS:
        setattr(lead, name, value)


def _note_times(lead: Lead, read: Read) -> None:
    """When it arrived, was answered, became a deal: as the CRM says, else by the earliest event."""
    shown = {"arrived": read.event.occurred}
    state = read.values.get("state")
    if state in (LeadState.WORKING, LeadState.QUALIFIED, LeadState.CONVERTED):
        shown["answered"] = read.event.occurred
    if state == LeadState.CONVERTED:
        shown["converted"] = read.event.occurred
    for name in MOMENTS:
        said = read.values.get(name) or shown.get(name)
        known = getattr(lead, name)
        if said is not None and (known is None or said < known):
            setattr(lead, name, said)


def _complete(lead: Lead, usual: LeadSource | None, now: dt.datetime) -> None:
    """What a lead must have and its CRM did not send yet."""
    if lead.source_id is None and usual is not None:
        lead.source = usual
    unnamed = f"Lead {lead.external_id}"
    if lead.company == unnamed:
        lead.company = ""
    if not (lead.email or lead.phone or lead.company):
        lead.company = lead.name or unnamed
    if lead.state == LeadState.DISQUALIFIED and not lead.disqualified_because:
        lead.disqualified_because = NO_REASON
    lead.arrived = lead.arrived or now
