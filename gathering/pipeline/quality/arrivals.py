"""What follows a committed import: its source is received, and the rules look again."""

from django.db import transaction

from core.jobs import input_hash, start_job
from core.models import Job, JobState, Person
from gathering.models import ImportRun, ImportState
from gathering.pipeline.sources import source_received

KIND = "gathering.check_quality"


def after_commit(*, run: ImportRun) -> None:
    """Mark the run's sources received and queue the rules. Called in the transaction of the commit."""
    source_received(run=run)
    queue_check(actor=run.committed_by)


def queue_check(*, actor: Person | None) -> Job:
    """Queue the rules over all facts, unless a check waits already: that one will see the same.

    The waiting job is locked until this transaction ends, so that no worker can begin it before the
    rows of this transaction are there to be seen.
    """
    with transaction.atomic():
        waiting = Job.objects.select_for_update().filter(kind=KIND, state=JobState.QUEUED).first()
    if waiting is not None:
        return waiting
    last = ImportRun.objects.filter(state=ImportState.COMMITTED).order_by("-committed").first()
    return start_job(
        actor=actor,
        kind=KIND,
        label="Check the quality of the data",
        params={"after_import": last.pk if last else None},
        subject_url="/data/quality/",
        same_work=input_hash({"after_import": last.pk if last else None}),
    )
