"""Files in: upload, read, commit, cancel, retry. Every write an import may ask for."""

import hashlib
from collections.abc import Mapping as Named
from contextlib import suppress
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.jobs import ask_to_cancel, start_job
from core.models import Job, Person
from gathering.datasets import DATASETS
from gathering.engine.faults import ProfileFault
from gathering.engine.profile_text import parse_profile
from gathering.models import ImportProfile, ImportRun, ImportState
from gathering.pipeline.committing import commit_staged
from gathering.pipeline.queue import recount_queue
from gathering.pipeline.reading import Silent, read_import
from gathering.pipeline.replaying import replay_after
from gathering.pipeline.staging import drop_staging

BLOCK = 1 << 20
READ, COMMIT = "gathering.read_import", "gathering.commit_import"
AT_WORK = {ImportState.UPLOADED, ImportState.READING, ImportState.COMMITTING}
OPEN = {*AT_WORK, ImportState.CHECKED, ImportState.FAILED}


def upload_file(
    *,
    actor: Person | None,
    file: IO[bytes],
    file_name: str,
    dataset: str,
    profile: ImportProfile | None = None,
    definition: str = "",
    source: str = "",
    mends: ImportRun | None = None,
    extra_files: Named[str, IO[bytes]] | None = None,
) -> ImportRun:
    """Store a file and start reading it (run.job is the job, gathering.read_import).

    `definition` is the YAML of a profile that is not saved; neither means columns by their own names.
    `extra_files` maps the names that the profile's joins use to the second files.
    Raises Invalid for an unknown dataset, a profile with mistakes or a file that is too large, and
    Refused (with a url) when this file was already imported this way.
    """
    run = _stored(
        actor=actor,
        file=file,
        file_name=file_name,
        dataset=dataset,
        profile=profile or (mends.profile if mends else None),
        definition=definition,
        source=source,
        mends=mends,
        extra_files=extra_files or {},
    )
    with transaction.atomic():
        run.job = _start(actor, run, READ, "Read")
        run.save(update_fields=["job"])
    return run


def _stored(
    *,
    actor: Person | None,
    file: IO[bytes],
    file_name: str,
    dataset: str,
    profile: ImportProfile | None,
    definition: str,
    source: str,
    mends: ImportRun | None,
    extra_files: Named[str, IO[bytes]],
) -> ImportRun:
    require(actor, "imports.run")
    text = definition or (mends.definition if mends else "") or (profile.definition if profile else "")
    named = _source_named(dataset, text, profile)
    digest, size = _digest(file, *(extra_files[name] for name in sorted(extra_files)))
    run = ImportRun(
        dataset=dataset,
        profile=profile,
        definition=text,
        source=(source or (mends.source if mends else "") or named)[:60],
        file_name=file_name[-255:],
        size=size,
        mends=mends,
        uploaded_by=actor,
    )
    run.fingerprint = _fingerprint(run, digest)
    _refuse_again(run)
    return _saved(actor, run, file, extra_files)


def _source_named(dataset: str, text: str, profile: ImportProfile | None) -> str:
    """The system that the rows come from, as the profile says; else the profile's code, or just a file.

    Raises Invalid for an unknown dataset and a profile with mistakes.
    """
    if dataset not in DATASETS:
        known = ", ".join(DATASETS)
        raise Invalid(Reason(f"“{dataset}” is no dataset. Use one of: {known}.", "invalid", "dataset"))
    if profile and profile.dataset != dataset:
        raise Invalid(
            Reason(
                f"The profile “{profile.code}” reads {profile.dataset}, not {dataset}.", "invalid", "profile"
            )
        )
    try:
        parsed = parse_profile(text, DATASETS[dataset])
    except ProfileFault as fault:
        raise Invalid(*(Reason(mistake, "invalid", "definition") for mistake in fault.mistakes)) from fault
    return parsed.source or (profile.code if profile else "file")


def _digest(*files: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for file in files:
        file.seek(0)
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            if size > settings.IMPORT_MAX_BYTES:
                limit = settings.IMPORT_MAX_BYTES >> 20
                raise Invalid(
                    Reason(
                        f"The file is larger than {limit:,} MB. Split it and import the parts.",
                        "invalid",
                        "file",
                    )
                )
        digest.update(b"\0end of file\0")
        file.seek(0)
    return digest.hexdigest(), size


def _fingerprint(run: ImportRun, digest: str) -> str:
    parts = [digest, run.dataset, run.definition, run.source, str(run.mends_id or "")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _refuse_again(run: ImportRun) -> None:
    twin = (
        ImportRun.objects.filter(fingerprint=run.fingerprint, state=ImportState.COMMITTED)
        .select_related("committed_by")
        .first()
    )
    if twin:
        raise already_imported(twin)


def already_imported(twin: ImportRun) -> Refused:
    """The refusal of a file that is in already, with the way to the first import."""
    who = twin.committed_by.name if twin.committed_by else "the system"
    return Refused(
        Reason(
            f"{twin.file_name} was already imported on {twin.committed:%d %b %Y %H:%M} by {who}: "
            "nothing to do.",
            code="already imported",
            field="file",
            url=f"/data/imports/{twin.pk}/",
        )
    )


def _saved(
    actor: Person | None, run: ImportRun, file: IO[bytes], extra_files: Named[str, IO[bytes]]
) -> ImportRun:
    suffix = "." + run.file_name.rpartition(".")[2][:10] if "." in run.file_name else ""
    kept = []
    try:
        with transaction.atomic():
            for name, extra in extra_files.items():
                run.companions[name] = default_storage.save(f"imports/companions/{uuid4()}", File(extra))
                kept.append(run.companions[name])
            run.file.save(f"{uuid4()}{suffix}", File(file), save=False)
            kept.append(run.file.name)
            run.save()
            record(
                actor=actor,
                verb="file uploaded",
                subject=run,
                after={"dataset": run.dataset, "size": run.size},
            )
    except BaseException:
        for path in kept:
            default_storage.delete(path)
        raise
    return run


def _start(actor: Person | None, run: ImportRun, kind: str, verb: str) -> Job:
    return start_job(
        actor=actor,
        kind=kind,
        label=f"{verb} {run.file_name}"[:200],
        params={"run": run.pk},
        subject_url=f"/data/imports/{run.pk}/",
        same_work=f"run {run.pk}",
    )


@transaction.atomic
def commit_import(*, actor: Person | None, run: ImportRun) -> Job:
    """Start the commit of a checked import (gathering.commit_import). Refused in any other state."""
    require(actor, "imports.run")
    fresh = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if fresh.state == ImportState.COMMITTED:
        raise already_imported(fresh)
    if fresh.state != ImportState.CHECKED:
        raise Refused(f"This import is “{fresh.get_state_display()}”; only a checked one is committed.")
    _refuse_again(fresh)
    fresh.state, fresh.error = ImportState.COMMITTING, ""
    fresh.job = _start(actor, fresh, COMMIT, "Commit")
    fresh.save(update_fields=["state", "error", "job"])
    record(actor=actor, verb="import commit started", subject=fresh)
    return fresh.job


@transaction.atomic
def cancel_import(*, actor: Person | None, run: ImportRun, reason: str = "") -> ImportRun:
    """Give an import up before it is committed; its staged rows go. Refused afterwards."""
    require(actor, "imports.run")
    fresh = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if fresh.state not in OPEN:
        raise Refused(f"This import is “{fresh.get_state_display()}” and can no longer be cancelled.")
    if fresh.job and not fresh.job.is_over:
        with suppress(Refused):  # it ended in this very moment: then there is nothing to stop
            ask_to_cancel(actor=None, job=fresh.job)
    fresh.state = ImportState.CANCELLED
    fresh.save(update_fields=["state"])
    drop_staging(fresh)
    recount_queue(fresh.source)
    record(actor=actor, verb="import cancelled", subject=fresh, reason=reason)
    return fresh


@transaction.atomic
def retry_import(*, actor: Person | None, run: ImportRun) -> Job:
    """Read a failed or interrupted import again, as a new job. Refused in any other state."""
    require(actor, "imports.run")
    fresh = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    is_idle = fresh.job is None or fresh.job.is_over
    if not (fresh.state in {ImportState.FAILED, ImportState.CHECKED} or (fresh.state in AT_WORK and is_idle)):
        raise Refused(f"This import is “{fresh.get_state_display()}”; there is nothing to retry.")
    fresh.state, fresh.error = ImportState.UPLOADED, ""
    fresh.job = _start(actor, fresh, READ, "Read")
    fresh.save(update_fields=["state", "error", "job"])
    record(actor=actor, verb="import retried", subject=fresh)
    return fresh.job


def import_now(
    *,
    actor: Person | None,
    file: IO[bytes],
    file_name: str,
    dataset: str,
    profile: ImportProfile | None = None,
    definition: str = "",
    source: str = "",
    mends: ImportRun | None = None,
    extra_files: Named[str, IO[bytes]] | None = None,
    allow_rejects: bool = False,
    dry_run: bool = False,
) -> ImportRun:
    """Upload, read and commit at once, without a worker: for commands, demo data and tests.

    With rejected rows and without `allow_rejects`, or with `dry_run`, the run stays checked and
    uncommitted. Raises what upload_file raises, and Refused when the file cannot be read.
    """
    run = _stored(
        actor=actor,
        file=file,
        file_name=file_name,
        dataset=dataset,
        profile=profile or (mends.profile if mends else None),
        definition=definition,
        source=source,
        mends=mends,
        extra_files=extra_files or {},
    )
    read_import(run, Silent(), actor)
    run.refresh_from_db()
    if not dry_run and (allow_rejects or not run.rows_rejected):
        commit_now(actor=actor, run=run)
    return run


def commit_now(*, actor: Person | None, run: ImportRun) -> dict[str, Any]:
    """Commit a checked run at once, and replay the rows that waited for what it brought."""
    require(actor, "imports.run")
    counts = commit_staged(run, Silent(), actor)
    run.refresh_from_db()
    replay_after(run, Silent(), actor)
    return counts
