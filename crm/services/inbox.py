"""What people may ask of the inbox: apply events anew, leave events out."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.models import Endpoint, EventState, InboxEvent
from crm.pipeline.inbox_sources import lock_endpoints
from crm.waking import wake_the_inbox

REPLAY = "hooks.replay"
SHOWN = 50  # ids of events that the log keeps of one decision
UNSETTLED = (EventState.WAITING, EventState.NEEDS_MAPPING, EventState.NEEDS_RECORD, EventState.DEAD)
Events = QuerySet[InboxEvent] | Iterable[InboxEvent]


@transaction.atomic
def replay(*, actor: Person | None, events: Events, reason: str = "") -> int:
    """Apply events anew, in whatever state they are: those that changed nothing then change nothing now.

    Says how many. The workers do it after the transaction. Raises Denied.
    """
    require(actor, REPLAY)
    chosen = _locked(events)
    chosen.update(
        state=EventState.WAITING,
        waits_for=[],
        attempts=0,
        next_try=timezone.now(),
        error="",
        settled=None,
        settled_by=None,
        reason="",
    )
    count = _record(actor, chosen, "events replayed", reason)
    transaction.on_commit(wake_the_inbox)
    return count


@transaction.atomic
def skip(*, actor: Person | None, events: Events, reason: str) -> int:
    """Leave events out for a reason, until somebody replays them. Says how many.

    Raises Invalid without a reason, Refused where one is applied already, Denied.
    """
    require(actor, REPLAY)
    if not reason.strip():
        raise Invalid(Reason("Say why these events are left out.", "needed", "reason"))
    if len(reason.strip()) > 300:
        raise Invalid(Reason("A reason has at most 300 characters.", "too_long", "reason"))
    chosen = _locked(events)
    settled = chosen.exclude(state__in=(*UNSETTLED, EventState.SKIPPED)).count()
    if settled:
        raise Refused(Reason(_applied_sentence(settled), "applied"))
    open_ones = chosen.exclude(state=EventState.SKIPPED)
    keys = list(open_ones.values_list("pk", flat=True))
    left = InboxEvent.objects.filter(pk__in=keys)
    left.update(
        state=EventState.SKIPPED,
        reason=reason.strip(),
        settled=timezone.now(),
        settled_by=actor,
        next_try=None,
    )
    return _record(actor, left, "events left out", reason.strip())


def _applied_sentence(count: int) -> str:
    many = f"{count} of the chosen events are" if count > 1 else "The chosen event is"
    return f"{many} applied already, so there is nothing to leave out. Choose waiting or failed ones."


def _locked(events: Events) -> QuerySet[InboxEvent]:
    """The chosen events, with the sources they belong to: no worker is in the middle of them."""
    if isinstance(events, QuerySet):
        keys = list(events.order_by().values_list("pk", flat=True))
    else:
        keys = [event.pk for event in events]
    chosen = InboxEvent.objects.filter(pk__in=keys)
    lock_endpoints(chosen.order_by().values_list("endpoint", flat=True).distinct())
    return chosen


def _record(actor: Person | None, events: QuerySet[InboxEvent], verb: str, reason: str) -> int:
    """One entry for each endpoint: how many, and which."""
    by_endpoint: dict[int, list[int]] = {}
    for owner, key in events.order_by("endpoint", "pk").values_list("endpoint", "pk"):
        by_endpoint.setdefault(owner, []).append(key)
    for endpoint in Endpoint.objects.filter(pk__in=by_endpoint):
        keys = by_endpoint[endpoint.pk]
        after = {"events": len(keys), "ids": keys[:SHOWN]}
        record(actor=actor, verb=verb, subject=endpoint, after=after, reason=reason)
    return sum(map(len, by_endpoint.values()))
