"""Publishing a signed plan: it is written, hashed and told, in the transaction of the release."""

from django.db import transaction

from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from core.services.notifications import notify
from planning.models import Cycle, Release
from planning.pipeline.dispatching import queue_dispatches
from planning.pipeline.plan_rows import hash_of_values, plan_rows, values_of
from planning.pipeline.releasing import content_of, store_release
from planning.selectors import supply
from planning.selectors.addresses import cycle_path, release_path
from planning.selectors.approvals import request_of
from planning.services.requests import close_request


@transaction.atomic
def publish(*, actor: Person | None, cycle: Cycle) -> Release:
    """Write the plan that was signed as a release that never changes, and tell everybody concerned.

    Call it in the transaction of the move. Raises Refused where the values are not those that were
    signed.
    """
    request, run = request_of(cycle), supply.run_of(cycle)
    if request is None or run is None:
        text = "There is nothing signed to release: no open request for approval, or no supply plan."
        raise Refused(Reason(text, "not_asked", url=cycle_path(cycle, "release")))
    rows = plan_rows(run)
    if hash_of_values(values_of(rows)) != request.asked["values"]:
        text = "The values of the plan are not those that were signed. Ask for approval again."
        raise Refused(Reason(text, "request_stale", url=cycle_path(cycle, "release")))
    content = content_of(request, rows)
    release = store_release(cycle=cycle, run=run, rows=rows, content=content, actor=actor)
    close_request(actor=actor, cycle=cycle, why="The plan is released.")
    record(
        actor=actor,
        verb="plan released",
        subject=cycle,
        after={"release": release.pk, "content_hash": release.content_hash, "values": len(rows)},
    )
    _tell(cycle, release)
    queue_dispatches(release)
    return release


def _tell(cycle: Cycle, release: Release) -> None:
    owners = Person.objects.filter(owned_stages__cycle=cycle)
    speakers = Person.objects.filter(streams__cycle=cycle)
    signers = Person.objects.filter(approvals__request__cycle=cycle)
    notify(
        people=owners.union(speakers, signers),
        title=f"The plan of {cycle.month:%B %Y} is released.",
        text=f"It is final and signed. SHA-256 {release.content_hash}.",
        url=release_path(release),
    )
