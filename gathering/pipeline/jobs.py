"""The work of the import jobs: each finds its run by the job's params and does it once."""

from typing import Any

from core.errors import Refused
from core.jobs import Cancelled, Progress
from gathering.models import ImportRun, ImportState
from gathering.pipeline.committing import commit_staged
from gathering.pipeline.reading import read_import
from gathering.pipeline.replaying import replay_after, replay_held
from gathering.pipeline.staging import drop_staging


def read_job(progress: Progress) -> dict[str, Any]:
    """Read a file into its staging table. A second delivery of a finished job changes nothing."""
    run = _run_of(progress)
    if run.state in {ImportState.COMMITTED, ImportState.CANCELLED}:
        return {"state": run.state}
    try:
        return read_import(run, progress, progress.job.requested_by)
    except Cancelled:
        ImportRun.objects.filter(pk=run.pk).exclude(state=ImportState.COMMITTED).update(
            state=ImportState.CANCELLED
        )
        drop_staging(run)
        raise


def commit_job(progress: Progress) -> dict[str, Any]:
    """Commit a checked import. What forbids it puts the import back to checked, with the sentences."""
    run = _run_of(progress)
    try:
        counts = commit_staged(run, progress, progress.job.requested_by)
    except Refused as refusal:
        _back_to_checked(run, str(refusal))
        raise
    except Cancelled:
        _back_to_checked(run, "The commit was cancelled. Nothing was changed.")
        raise
    run.refresh_from_db()
    replay_after(run, progress, progress.job.requested_by)
    return counts


def replay_job(progress: Progress) -> dict[str, Any]:
    """Replay the rows that waited for a name."""
    return replay_held(progress, actor=progress.job.requested_by, **progress.job.params)


def _run_of(progress: Progress) -> ImportRun:
    return ImportRun.objects.get(pk=progress.job.params["run"])


def _back_to_checked(run: ImportRun, sentence: str) -> None:
    open_states = [ImportState.COMMITTING, ImportState.CHECKED]
    ImportRun.objects.filter(pk=run.pk, state__in=open_states).update(
        state=ImportState.CHECKED, error=sentence
    )
