"""How what other systems are told of ownership fares."""

from core import slots
from core.slots import Arrival
from territories.models import OwnershipChange


def about_batch(batch: int) -> str:
    """By what a batch's messages are found again."""
    return f"ownership:{batch}"


def arrivals(rows: list[OwnershipChange]) -> list[OwnershipChange]:
    """The rows, each with `arrival`: how the messages with it fare; None where nobody is told."""
    abouts = {about_batch(row.batch) for row in rows}
    found: dict[str, Arrival] = {}
    for outgoing in slots.outgoing:
        found |= outgoing.states(abouts)
    for row in rows:
        row.arrival = found.get(about_batch(row.batch))  # type: ignore[attr-defined]
    return rows
