"""Moving a deal to another stage by hand: an event like any CRM's, so that its history tells of it."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, DealStage, StageKind
from crm.pipeline.deals import apply_deal_events
from crm.selectors.deals import LIVE, deals_visible_to

MOVE = "deals.edit"


@transaction.atomic
def move_deal(
    *,
    actor: Person,
    deal: Deal,
    revision: int,
    stage: DealStage,
    closed: dt.date | None = None,
    lost_reason: str = "",
) -> Deal:
    """Move a deal to a stage; a deal that ends there was closed today unless a day is given.

    Raises Denied without the right or out of scope, Conflict on a stale revision, Invalid for a lost
    deal without a reason or a day to come, Refused for a deal that is no more.
    """
    require(actor, MOVE, deal)
    fresh = deals_visible_to(actor).select_for_update(of=("self",)).filter(pk=deal.pk).first()
    if fresh is None:
        raise Denied(f"{deal} is outside of your scope.")
    before = fresh.stage
    _refuse(fresh, revision, stage, closed, lost_reason)
    if before == stage:
        return fresh
    fields = _fields(stage, closed, lost_reason)
    _tell(fresh, fields)
    fresh.refresh_from_db()
    if fresh.stage != stage:
        raise Refused(f"Its CRM means another stage by {stage.code!r}. Mend the mapping of that value first.")
    told = {"stage": before.name if before else ""}
    record(actor=actor, verb="deal moved", subject=fresh, before=told, after=fields | {"stage": stage.name})
    return fresh


def _refuse(deal: Deal, revision: int, stage: DealStage, closed: dt.date | None, lost_reason: str) -> None:
    if not Deal.objects.filter(LIVE, pk=deal.pk).exists():
        raise Refused(f"{deal} was deleted or merged in its CRM. It cannot be moved.")
    if deal.revision != revision:
        theirs = deal.stage.name if deal.stage else ""
        raise Conflict(
            label=str(deal), yours={"stage": stage.name}, theirs={"stage": theirs}, revision=deal.revision
        )
    reasons = []
    if stage.kind == StageKind.LOST and not lost_reason.strip():
        reasons.append(Reason("Say in a few words why the deal was lost.", "required", "lost_reason"))
    if closed is not None and closed > timezone.localdate():
        reasons.append(Reason("A deal cannot have closed on a day to come.", "invalid", "closed"))
    if reasons:
        raise Invalid(*reasons)


def _fields(stage: DealStage, closed: dt.date | None, lost_reason: str) -> dict[str, str]:
    """What the move says of the deal: an open one has no day of closing."""
    fields = {"stage": stage.code}
    if stage.kind == StageKind.OPEN:
        return fields | {"closed": ""}
    if stage.kind == StageKind.LOST:
        fields["lost_reason"] = lost_reason.strip()
    return fields | {"closed": (closed or timezone.localdate()).isoformat()}


def _tell(deal: Deal, fields: dict[str, str]) -> None:
    event = Event(
        entity="deal",
        external_id=deal.external_id,
        kind=EventKind.CHANGE,
        occurred=timezone.now(),
        dedupe_key=f"here-{uuid.uuid4()}",
        fields=fields,
    )
    (settled,) = apply_deal_events(deal.source, [event])
    if settled.unknown or settled.error:
        raise Refused(settled.error or f"Its CRM's {settled.unknown[0]} is not mapped yet.")
