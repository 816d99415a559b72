"""Message channels: Slack, Teams and whatever else apprise can reach."""

from typing import Any

from apprise import Apprise
from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Channel, Person
from core.outbox import deliver_to


@transaction.atomic
def add_channel(*, actor: Person, label: str, url: str, person: Person | None = None) -> Channel:
    """Connect an address that repeats the notifications of one person, or everybody's.

    Raises Invalid for an address that apprise does not understand or a label in use.
    """
    require(actor, "channels.manage")
    channel = Channel(label=label.strip(), url=_understood(url), person=person)
    return create_row(actor=actor, row=channel, verb="channel connected")


@transaction.atomic
def change_channel(*, actor: Person, channel: Channel, revision: int, changes: dict[str, Any]) -> Channel:
    """Change a channel; an empty address keeps the one that is stored."""
    require(actor, "channels.manage")
    wanted = {name: value for name, value in changes.items() if name != "url" or value}
    if "url" in wanted:
        wanted["url"] = _understood(wanted["url"])
    return change_row(actor=actor, row=channel, revision=revision, changes=wanted, verb="channel changed")


def try_channel(*, actor: Person, channel: Channel) -> str:
    """Send a test message; says what went wrong, or nothing when it arrived."""
    require(actor, "channels.manage")
    return deliver_to(channel, title="Test from sopcycle", text=f"{actor.name} tried the channel.")


def _understood(url: str) -> str:
    address = url.strip()
    if not Apprise().add(address):
        text = "This is not an address of a message service. See the examples in docs/channels.md."
        raise Invalid(Reason(text, "invalid", "url"))
    return address
