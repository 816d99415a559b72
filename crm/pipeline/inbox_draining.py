"""One worker's turn at the inbox: read deliveries, apply events, until nothing is left or time is up."""

import logging
import time
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection

from crm.pipeline.inbox_applying import apply_waiting
from crm.pipeline.inbox_reading import read_waiting

logger = logging.getLogger(__name__)

BATCHES_BEFORE_A_CHUNK = 8
TURN_SECONDS = 20.0  # then other work gets its turn as well


@dataclass(frozen=True)
class Drained:
    """How many deliveries were read and events applied, and whether more may be waiting."""

    deliveries: int = 0
    events: int = 0
    more: bool = False


def _read_first() -> int:
    """Several batches of deliveries for each chunk of events: what was taken is in safety first."""
    total = 0
    for _ in range(BATCHES_BEFORE_A_CHUNK):
        read = read_waiting()
        total += read
        if not read:
            break
    return total


def drain(*, seconds: float = TURN_SECONDS) -> Drained:
    """Work for so long. A database that goes away ends the turn: what it held goes on waiting."""
    until = time.monotonic() + seconds
    deliveries = events = 0
    try:
        while True:
            read, applied = _read_first(), apply_waiting()
            deliveries, events = deliveries + read, events + applied
            if not read and not applied:
                return Drained(deliveries, events)
            if time.monotonic() >= until:
                return Drained(deliveries, events, more=True)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The inbox goes on later: %s", str(error).splitlines()[0])
        connection.close()
        return Drained(deliveries, events)
