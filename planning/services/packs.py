"""Packs: sent to the executives before they sign, and made of released plans."""

from django.db import transaction

from core.access import require
from core.errors import Reason, Refused
from core.jobs import start_job
from core.models import Job, Person
from planning.models import ApprovalRequest, Cycle, Release
from planning.pipeline.pack_content import pack_of_release, pack_of_request
from planning.pipeline.packs import JOB, is_big, make_files, send_files, store_files
from planning.selectors.addresses import cycle_path, release_path
from planning.selectors.approvals import changes_since, request_of


@transaction.atomic
def send_pack(*, actor: Person | None, cycle: Cycle, wait: bool = False) -> ApprovalRequest:
    """Make the pack of what is asked to be signed, and send it to those who are asked.

    A big one is made by a job, and is sent when that ends, unless `wait` is said. Raises Refused
    where nobody is asked yet, the plan changed since, or the pack is sent already.
    """
    require(actor, "approval.request")
    request = request_of(cycle)
    address = cycle_path(cycle, "release")
    if request is None:
        raise Refused(Reason("Ask for approval first: the pack goes to those who sign.", "not_asked"))
    pack = pack_of_request(request)
    changes = changes_since(request)
    if pack is None or changes:
        text = f"The plan changed after approval was asked for: {'; '.join(changes)}. Ask for approval again."
        raise Refused(Reason(text, "request_stale", url=address))
    if request.pack_sent is not None:
        text = "The pack is sent already. Another one goes with another request for approval."
        raise Refused(Reason(text, "pack_sent", url=address))
    if is_big(pack) and not wait:
        _start(actor, f"Pack of {cycle}", {"request": request.pk}, address)
    else:
        send_files(request, pack, make_files(pack), actor)
    return request


@transaction.atomic
def make_release_pack(*, actor: Person | None, release: Release) -> Job | None:
    """Keep the files of a released plan's pack; a big one is made by the job that is given back."""
    require(actor, "release.export")
    pack = pack_of_release(release)
    if is_big(pack):
        label = f"Pack of {release.cycle}, released"
        return _start(actor, label, {"release": release.pk}, release_path(release))
    store_files(pack, make_files(pack))
    return None


def _start(actor: Person | None, label: str, params: dict[str, int], address: str) -> Job:
    return start_job(
        actor=actor,
        kind=JOB,
        label=label,
        params=params,
        subject_url=address,
        same_work="-".join(f"{name}-{key}" for name, key in params.items()),
    )
