"""What CRMs push: proving who sent it, and reading it into events. Pure: bytes in, events out.

    adapter = ADAPTERS["hubspot"]
    adapter.verify(request, secrets, now)     # Rejected unless the sender is who it says
    events = adapter.parse(request.body)      # Unreadable for what is no payload of this sender

Read in this order: arriving (requests, secrets, refusals), signing, events, values, one module for
each provider, and deals, which folds events into the state of a deal in whatever order they came.
"""

from crm.engine.webhooks.adapters import ADAPTERS, Adapter
from crm.engine.webhooks.arriving import Arrival, Rejected, Secret, Unreadable
from crm.engine.webhooks.events import Event, EventKind

__all__ = ["ADAPTERS", "Adapter", "Arrival", "Event", "EventKind", "Rejected", "Secret", "Unreadable"]
