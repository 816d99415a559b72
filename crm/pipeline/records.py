"""Which function applies the events of which kind of record."""

from collections.abc import Callable, Sequence

from crm.engine.webhooks.events import Event
from crm.models import EventState
from crm.pipeline.accounts import apply_account_events
from crm.pipeline.contacts import apply_contact_events
from crm.pipeline.deal_lines import apply_line_events
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.leads import apply_lead_events
from crm.pipeline.papers import PAPER_APPLIERS
from crm.pipeline.settling import Settled

Applier = Callable[[str, Sequence[Event]], list[Settled]]

# Takes the source and its events; runs inside the caller's transaction; answers in their order.
APPLIERS: dict[str, Applier] = {
    "deal": apply_deal_events,
    "account": apply_account_events,
    "contact": apply_contact_events,
    "line": apply_line_events,
    "lead": apply_lead_events,
    **PAPER_APPLIERS,
}


def apply_events(source: str, entity: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events about records of one kind. Kinds that nothing here uses are left out, with that reason."""
    applier = APPLIERS.get(entity)
    if applier is None:
        unused = Settled(EventState.SKIPPED, error=f"Nothing here uses records of the kind {entity[:40]!r}.")
        return [unused] * len(events)
    return applier(source, events)
