"""Files in: upload, read, commit, cancel, retry. Every write an import may ask for."""

from collections.abc import Mapping as Named
from typing import IO

from core.models import Job, Person
from gathering.models import ImportProfile, ImportRun


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
    raise NotImplementedError


def commit_import(*, actor: Person | None, run: ImportRun) -> Job:
    """Start the commit of a checked import (gathering.commit_import). Refused in any other state."""
    raise NotImplementedError


def cancel_import(*, actor: Person | None, run: ImportRun, reason: str = "") -> ImportRun:
    """Give an import up before it is committed; its staged rows go. Refused afterwards."""
    raise NotImplementedError


def retry_import(*, actor: Person | None, run: ImportRun) -> Job:
    """Read a failed or interrupted import again, as a new job. Refused in any other state."""
    raise NotImplementedError


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
    raise NotImplementedError
