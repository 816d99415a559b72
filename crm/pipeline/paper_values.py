"""Events about order papers: what was sent, by our names and as it is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.engine.paper_fields import Unfit, address_of, fields_of, money_of, percent_of, state_of
from crm.engine.webhooks.arriving import Unreadable
from crm.engine.webhooks.events import Event
from crm.models import ValueKind, ValueMapping
from crm.pipeline.deal_values import day_of
from crm.pipeline.decoding import values_of
from crm.pipeline.names import Names, NotKnown
from crm.pipeline.settling import Settled, Unknown

REFERENCES = {"account": ValueKind.ACCOUNT, "owner": ValueKind.OWNER, "currency": ValueKind.CURRENCY}
LONGEST = {"number": 80, "deal": 200}


@dataclass(frozen=True)
class Read:
    """An event with its fields by our names, as they were sent and as they are here."""

    event: Event
    values: dict[str, Any]

    @property
    def targets(self) -> tuple[str, ...]:
        """Every id that the record goes by: its own and those merged into it."""
        return (self.event.external_id, *self.event.merged)


class Reader:
    """Reads the fields of events; names and states are looked up once for all of them."""

    def __init__(self, source: str, events: Sequence[Event]) -> None:
        self._sent = [fields_of(event.fields) for event in events]
        wanted: dict[str, set[str]] = {
            kind: {one[name] for one in self._sent if one.get(name)} for name, kind in REFERENCES.items()
        }
        self._names = Names(source, wanted)
        decided = ValueMapping.objects.filter(source=source, kind=ValueKind.PAPER)
        self._states = {
            one.value.strip().casefold(): None if one.is_ignored else one.target_code for one in decided
        }
        self._events = events

    def read(self) -> list[Read | Settled]:
        """Each event with its values, or why it cannot be applied now, in their order."""
        return [self._one(event, sent) for event, sent in zip(self._events, self._sent, strict=True)]

    def _one(self, event: Event, sent: dict[str, str]) -> Read | Settled:
        values = values_of(event, sent, lambda name, text: self._value(name, text.strip()))
        if isinstance(values, Settled):
            return values
        return _without_silence(event, sent, values)

    def _value(self, name: str, text: str) -> Any:
        if name in REFERENCES:
            return self._names.find(REFERENCES[name], text)
        if name == "state":
            return self._state(text)
        if name == "amount":
            return money_of(name, text)
        if name in {"discount_percent", "delivered_percent"}:
            return percent_of(name, text)
        if name == "due":
            return _day(name, text)
        return address_of(name, text) if name == "document" else text[: LONGEST[name]]

    def _state(self, text: str) -> str | None:
        """Our state; None where it was decided that the word says nothing."""
        if not text:
            return None
        if text.casefold() in self._states:
            return self._states[text.casefold()]
        found = state_of(text)
        if found is None:
            raise NotKnown(Unknown(ValueKind.PAPER, text))
        return found


def _without_silence(event: Event, sent: dict[str, str], values: dict[str, Any]) -> Read:
    """A state that says nothing leaves the one before, wherever in time it stands: as if it was not sent."""
    heard = {name: text for name, text in sent.items() if name != "state" or values["state"]}
    return Read(Event(**{**vars(event), "fields": heard}), values)


def _day(name: str, text: str) -> Any:
    try:
        return day_of(text)
    except (Unreadable, ValueError) as error:
        raise Unfit(f"{name} is {text[:40]!r}, which is not a day.") from error
