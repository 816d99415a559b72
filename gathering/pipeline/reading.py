"""File → staging table: read, shape, check and COPY chunk by chunk, then look the names up."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePath
from typing import Any, Protocol

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from core.errors import Refused
from core.events import record
from core.models import Person
from gathering.engine.faults import FileFault, ProfileFault
from gathering.engine.joining import Second, load_second
from gathering.engine.opening import Opened, open_rows
from gathering.engine.profile import Join, Profile
from gathering.engine.shaping import Shaped, Shaper
from gathering.models import ImportRun, ImportState, RejectedRow, RowProblem
from gathering.pipeline.checking import check_staged
from gathering.pipeline.definitions import profile_of
from gathering.pipeline.staging import Stage, create_staging, dataset_of


class Reports(Protocol):
    """What reading needs of a job's progress; `Silent` is the one without a job."""

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Say how far the work is."""


class Silent:
    """Progress for work that nobody watches."""

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Say nothing."""


def read_import(run: ImportRun, progress: Reports, actor: Person | None = None) -> dict[str, Any]:
    """Read a run's file into its staging table and leave the run checked, or failed with a sentence."""
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.READING, error="")
    RowProblem.objects.filter(run=run).delete()
    RejectedRow.objects.filter(run=run).delete()
    create_staging(run)
    try:
        counts = _stage_file(run, progress)
        progress.report(step="Looking the names up and comparing with what is here")
        run.refresh_from_db()
        with transaction.atomic():
            check_staged(run, counts)
            run.state, run.checked = ImportState.CHECKED, timezone.now()
            run.save()
            record(actor=actor, verb="import checked", subject=run, after=_counts(run))
    except (FileFault, ProfileFault, Refused) as fault:
        _fail(run, str(fault), actor)
        raise Refused(str(fault)) from fault
    return _counts(run)


def _stage_file(run: ImportRun, progress: Reports) -> Counter:
    counts: Counter = Counter()
    with ExitStack() as stack:
        profile = profile_of(run)
        file = stack.enter_context(run.file.open("rb"))
        opened = open_rows(file, profile)
        shaper = shaper_for(run, profile, opened)
        run.preview = {
            "header": opened.header,
            "given": [rule.field for rule in shaper.rules if rule.columns],
        }
        ImportRun.objects.filter(pk=run.pk).update(preview=run.preview)
        stage = stack.enter_context(Stage(run))
        for shaped in _shaped(shaper, opened):
            stage.wait()
            _count(counts, shaped)
            progress.report(done=file.tell(), total=run.size, step=f"{counts['read']:,} rows read")
            stage.put(shaped)
    if not counts["read"]:
        raise FileFault("The file has a header and no rows. Export it again.")
    return counts


def _shaped(shaper: Shaper, opened: Opened) -> Iterator[Shaped]:
    for chunk in opened.chunks:
        yield shaper.shape(chunk)


def _count(counts: Counter, shaped: Shaped) -> None:
    counts["read"] += shaped.read
    counts["rejected"] += len(shaped.rejected)
    counts.update({f"skipped {name}": number for name, number in shaped.skipped.items()})


def shaper_for(run: ImportRun, profile: Profile, opened: Opened) -> Shaper:
    """The shaper of a run's rows, with the second files of its joins in memory."""
    seconds = [_second(run, join) for join in profile.joins]
    return Shaper(dataset_of(run), profile, opened.header, seconds, opened.delimiter)


def _second(run: ImportRun, join: Join) -> Second:
    for name, path in run.companions.items():
        if join.file.lower() in {name.lower(), PurePath(name).stem.lower()}:
            with default_storage.open(path, "rb") as file:
                return load_second(file, join)
    raise FileFault(f"The profile joins a second file “{join.file}”. Upload it along with the first.")


def _fail(run: ImportRun, sentence: str, actor: Person | None) -> None:
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.FAILED, error=sentence)
        record(actor=actor, verb="import failed", subject=run, after={"error": sentence})


def _counts(run: ImportRun) -> dict[str, Any]:
    names = ("read", "good", "rejected", "held", "new", "changed", "unchanged")
    return {f"rows_{name}": getattr(run, f"rows_{name}") for name in names}
