"""Closing a request for approval: what a release, a reopening and an abandoned cycle have in common."""

from django.db import transaction
from django.utils import timezone

from core.events import record
from core.models import Person
from planning.models import ApprovalRequest, Cycle


@transaction.atomic
def close_request(*, actor: Person | None, cycle: Cycle, why: str) -> ApprovalRequest | None:
    """End the cycle's open request, if there is one; its signatures stay as they are."""
    request = ApprovalRequest.objects.select_for_update().filter(cycle=cycle, closed=None).first()
    if request is None:
        return None
    request.closed = timezone.now()
    request.revision += 1
    request.save(update_fields=["closed", "revision"])
    record(
        actor=actor,
        verb="approval request closed",
        subject=cycle,
        after={"request": request.number},
        reason=why,
    )
    return request
