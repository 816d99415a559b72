"""Held rows → facts, once the names they wait for are known."""

from typing import Any

from django.db import connection, transaction

from core.events import record
from core.models import Person
from gathering.models import HeldRow, ImportRun
from gathering.pipeline.checking import prepare_session
from gathering.pipeline.committing import ONE_AT_A_TIME, store_rows
from gathering.pipeline.held import mark_replayed, stage_held
from gathering.pipeline.names import resolve_names, target_kind
from gathering.pipeline.queue import recount_queue
from gathering.pipeline.reading import Reports
from gathering.pipeline.staging import dataset_of, drop_staging
from gathering.pipeline.worth import missing_rates


def replay_held(
    progress: Reports, *, kind: str, value: str = "", source: str = "", actor: Person | None = None
) -> dict[str, Any]:
    """Commit the held rows that waited for a name (all names of a kind without `value`), run by run."""
    waiting = HeldRow.objects.filter(replayed=None)
    if value:
        waiting = waiting.filter(waits_for__contains=[f"{kind}:{value}"])
    runs = ImportRun.objects.filter(pk__in=waiting.values("run"))
    if source:
        runs = runs.filter(source=source)
    total, rows = runs.count(), 0
    for number, run in enumerate(runs.order_by("pk"), start=1):
        progress.report(done=number - 1, total=total, step=f"Replaying rows of {run.file_name}")
        with transaction.atomic():
            rows += _replay(run, actor)
    return {"imports": total, "rows": rows}


def _replay(run: ImportRun, actor: Person | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    fresh = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    prepare_session()
    stage_held(fresh)
    resolve_names(fresh)
    counts = {"good": 0, "new": 0, "changed": 0}
    if not missing_rates(fresh):
        settled = mark_replayed(fresh)  # before storing: what is stored makes more names known
        counts = store_rows(fresh, actor, only_newer=True)
        fresh.rows_held -= settled
        fresh.rows_good += counts["good"]
        fresh.rows_new += counts["new"]
        fresh.rows_changed += counts["changed"]
        fresh.save(update_fields=["rows_held", "rows_good", "rows_new", "rows_changed"])
        record(actor=actor, verb="held rows replayed", subject=fresh, after=counts | {"settled": settled})
    drop_staging(fresh)
    recount_queue(fresh.source)
    return counts["good"]


def replay_after(run: ImportRun, progress: Reports, actor: Person | None = None) -> None:
    """After new masters came in: replay the rows that waited for names of their kind."""
    kind = target_kind(dataset_of(run))
    if kind and HeldRow.objects.filter(replayed=None).exists():
        replay_held(progress, kind=kind, actor=actor)
