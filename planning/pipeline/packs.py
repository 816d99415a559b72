"""Making the files of a pack and sending it; big ones in a job."""

import hashlib

from django.db import transaction
from django.utils import timezone

from core.events import record
from core.jobs import Progress
from core.models import Person
from core.services.notifications import notify
from planning.models import ApprovalRequest, DemandValue, PackFile, Release
from planning.pipeline.pack_content import PackOf, pack_of_release, pack_of_request
from planning.pipeline.pack_files import FILES
from planning.selectors.addresses import cycle_path, release_path

BIG = 20_000  # values; above that the spreadsheet takes more than a moment
JOB = "planning.make_pack"


def is_big(pack: PackOf) -> bool:
    """Whether making the files takes so long that it is a job."""
    return DemandValue.objects.filter(version=pack.run.version_id).count() > BIG


def make_files(pack: PackOf) -> dict[str, bytes]:
    """All files of the pack, by form."""
    return {form: make(pack) for form, make in FILES.items()}


def store_files(pack: PackOf, files: dict[str, bytes]) -> list[PackFile]:
    """Keep the files as they are: of the release, or of the request they were sent with."""
    rows = [
        PackFile(
            cycle=pack.cycle,
            request=None if pack.release else pack.request,
            release=pack.release,
            form=form,
            content=content,
            content_hash=hashlib.sha256(content).hexdigest(),
            size=len(content),
        )
        for form, content in files.items()
    ]
    return PackFile.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def send_files(request: ApprovalRequest, pack: PackOf, files: dict[str, bytes], actor: Person | None) -> None:
    """Keep the pack with its request, and tell everybody who is asked to sign where it is."""
    fresh = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if fresh.pack_sent is not None or fresh.closed is not None:
        return  # somebody was faster, or the plan was asked for anew
    store_files(pack, files)
    fresh.pack_sent = request.pack_sent = timezone.now()
    fresh.revision += 1
    fresh.save(update_fields=["pack_sent", "revision"])
    sizes = {form: len(content) for form, content in files.items()}
    record(
        actor=actor, verb="pack sent", subject=fresh.cycle, after={"request": fresh.number, "bytes": sizes}
    )
    notify(
        people=fresh.approvers.all(),
        title=f"{fresh.cycle}: the pack is there to read.",
        text="PDF to read, XLSX and CSV with every number.",
        url=cycle_path(fresh.cycle, "release") + "#pack",
    )


def make_pack_job(progress: Progress) -> dict[str, object]:
    """The work of the job: the files of a request, which are then sent, or those of a release."""
    params = progress.job.params
    progress.report(step="Writing the files", total=1)
    if params.get("release"):
        release = Release.objects.select_related("cycle", "run").get(pk=params["release"])
        files = make_files(pack_of_release(release))
        store_files(pack_of_release(release), files)
        return {"url": release_path(release), "bytes": sum(map(len, files.values()))}
    request = ApprovalRequest.objects.select_related("cycle").get(pk=params["request"])
    pack = pack_of_request(request)
    if pack is None:
        return {"url": cycle_path(request.cycle, "release")}
    files = make_files(pack)
    send_files(request, pack, files, progress.job.requested_by)
    return {"url": cycle_path(request.cycle, "release"), "bytes": sum(map(len, files.values()))}
