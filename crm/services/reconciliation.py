"""Reconciling with a CRM's export: start, repair what is chosen, leave what is meant to differ."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.jobs import input_hash, start_job
from core.models import Job, Person
from crm.engine.exports import (
    KEY,
    LABELS,
    DayOrder,
    NoExport,
    places_of,
    read_export,
    suggested_columns,
)
from crm.models import Difference, DifferenceKind, DifferenceState, Reconciliation
from crm.pipeline.repairing import OPEN, repair

COMPARE, REPAIR = "crm.compare_export", "crm.repair_differences"
MOST_BYTES = 50 * 1024 * 1024
MOST_AT_ONCE = 500


@transaction.atomic
def add_export(*, actor: Person | None, source: str, file: File, file_name: str) -> Reconciliation:
    """Keep a CRM's export, with its columns guessed from their headings; `compare` follows.

    Raises Invalid for a file that is no export.
    """
    require(actor, "hooks.replay")
    headings = headings_of(content_of(file))
    row = Reconciliation(
        source=source,
        file_name=file_name[:255],
        columns={"fields": suggested_columns(headings)},
        as_of=timezone.now(),
        started_by=actor,
    )
    row.file.save(f"{source}.csv", file, save=False)
    row.save()
    return row


@transaction.atomic
def compare(
    *,
    actor: Person | None,
    reconciliation: Reconciliation,
    columns: Mapping[str, str],
    as_of: dt.datetime | None = None,
    days: str = DayOrder.ISO,
    is_whole: bool = True,
) -> Reconciliation:
    """Compare the export as a job; `columns` maps our fields to the file's headings.

    Raises Invalid for headings it does not have or a time to come, Refused once it is under way.
    """
    require(actor, "hooks.replay")
    row = Reconciliation.objects.select_for_update(of=("self",)).get(pk=reconciliation.pk)
    if row.job_id is not None:
        raise Refused(
            Reason("This export is compared already. Upload it again to compare it anew.", "started")
        )
    moment = as_of or row.started
    _check(row, columns, moment)
    row.columns, row.as_of, row.is_whole = {"fields": dict(columns), "days": DayOrder(days)}, moment, is_whole
    row.job = start_job(
        actor=actor,
        kind=COMPARE,
        label=f"Compare {row.file_name} with the deals of {row.source}",
        params={"reconciliation": row.pk},
    )
    row.save(update_fields=["columns", "as_of", "is_whole", "job"])
    told = {"file": row.file_name, "as of": moment}
    record(actor=actor, verb="reconciliation started", subject=row, after=told)
    return row


def _check(row: Reconciliation, columns: Mapping[str, str], moment: dt.datetime) -> None:
    if moment > timezone.now() + dt.timedelta(minutes=5):
        raise Invalid(Reason("The export cannot come from the future. Mend the time.", "future", "as_of"))
    if not columns.get(KEY):
        text = "Say which column holds the deal's id in the CRM: without it nothing can be compared."
        raise Invalid(Reason(text, "required", KEY))
    if unknown := sorted(set(columns) - set(LABELS)):
        raise Invalid(Reason(f"“{unknown[0]}” is no field of a deal.", "unknown", "columns"))
    if len(columns) == 1:
        raise Invalid(Reason("Choose at least one more column to compare.", "required", "columns"))
    try:
        places_of(headings_of(stored_bytes(row)), columns)
    except NoExport as error:
        raise Invalid(Reason(str(error), "unknown", "columns")) from error


def headings_of(content: bytes) -> tuple[str, ...]:
    """The headings of an export. Raises Invalid where it is none."""
    try:
        return read_export(content).headings
    except NoExport as error:
        raise Invalid(Reason(str(error), "file", "file")) from error


def stored_bytes(row: Reconciliation) -> bytes:
    """The export as it was uploaded."""
    with row.file.open("rb") as file:
        return file.read()


def content_of(file: File) -> bytes:
    """The bytes of an uploaded export. Raises Invalid over the size limit."""
    if file.size > MOST_BYTES:
        limit = MOST_BYTES // 1024**2
        raise Invalid(Reason(f"The file is larger than {limit} MB. Export fewer columns.", "size", "file"))
    file.seek(0)
    content = file.read()
    file.seek(0)
    return content


@transaction.atomic
def repair_differences(*, actor: Person | None, reconciliation: Reconciliation, keys: Iterable[int]) -> int:
    """Make the chosen deals as the export says; says how many are. Raises Refused for none or too many."""
    require(actor, "hooks.replay")
    chosen = sorted(set(keys))
    _refuse_count(chosen)
    _refuse_unfinished(reconciliation)
    return repair(reconciliation, chosen, actor)


@transaction.atomic
def repair_all(*, actor: Person | None, reconciliation: Reconciliation, kind: str = "") -> Job:
    """Repair every open difference as a job, or all of one kind. Raises Refused where none is open."""
    require(actor, "hooks.replay")
    _refuse_unfinished(reconciliation)
    if kind and kind not in DifferenceKind.values:
        raise Invalid(Reason("Choose missing, extra or different.", "unknown", "kind"))
    waiting = reconciliation.differences.filter(state__in=OPEN)
    if not (waiting.filter(kind=kind) if kind else waiting).exists():
        raise Refused(Reason("Nothing is left to repair.", "nothing_open"))
    params: dict[str, Any] = {"reconciliation": reconciliation.pk, "kind": kind}
    return start_job(
        actor=actor,
        kind=REPAIR,
        label=f"Repair deals of {reconciliation.source}",
        params=params,
        same_work=input_hash(params),
    )


@transaction.atomic
def leave_differences(
    *, actor: Person | None, reconciliation: Reconciliation, keys: Iterable[int], reason: str
) -> int:
    """Leave the chosen deals as they are, with a reason; says how many. Raises Invalid without one."""
    require(actor, "hooks.replay")
    chosen = sorted(set(keys))
    _refuse_count(chosen)
    if not reason.strip():
        raise Invalid(Reason("Say why these deals stay as they are.", "required", "reason"))
    rows = Difference.objects.filter(reconciliation=reconciliation, pk__in=chosen, state__in=OPEN)
    names = list(rows.values_list("external_id", flat=True))
    changes = {"state": DifferenceState.LEFT, "reason": reason.strip()[:300], "error": ""}
    left = rows.update(**changes, settled_by=actor, settled=timezone.now())
    if left:
        what = {"deals": names}
        record(actor=actor, verb="differences left", subject=reconciliation, after=what, reason=reason)
    return left


def _refuse_count(chosen: list[int]) -> None:
    if not chosen:
        raise Invalid(Reason("Choose at least one deal first.", "required"))
    if len(chosen) > MOST_AT_ONCE:
        raise Invalid(Reason(f"Choose {MOST_AT_ONCE} deals at most, or repair all of them.", "too_many"))


def _refuse_unfinished(row: Reconciliation) -> None:
    if row.compared is None:
        raise Refused(Reason("The export is still being compared. Wait until it is done.", "unfinished"))
