"""What became of an event: what every applier of the inbox answers."""

from dataclasses import dataclass

from crm.models import EventState


@dataclass(frozen=True)
class Unknown:
    """A value of a CRM that nothing here answers to: a stage, an owner, an account …"""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class Settled:
    """The state an event ends in, what it waits for, and the sentence that says why."""

    outcome: EventState
    unknown: tuple[Unknown, ...] = ()
    error: str = ""
