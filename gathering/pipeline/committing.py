"""Staging table → facts and masters, in one transaction: all of it is visible at once, or nothing."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import DemandUnit
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from gathering.models import ImportRun, ImportState
from gathering.pipeline.checking import prepare_session
from gathering.pipeline.dated import store_dated
from gathering.pipeline.deals import deal_events, step_events, tell_deals
from gathering.pipeline.held import hold_unknown
from gathering.pipeline.leads import tell_leads
from gathering.pipeline.links import link_notes
from gathering.pipeline.names import resolve_again
from gathering.pipeline.papers import tell_papers
from gathering.pipeline.quality.arrivals import after_commit
from gathering.pipeline.queue import recount_queue
from gathering.pipeline.reading import Reports, read_import
from gathering.pipeline.staging import dataset_of, drop_staging, staged_rows
from gathering.pipeline.summing import add_new_lines, remember_touched, sum_touched
from gathering.pipeline.targets import Target, target_of
from gathering.pipeline.worth import missing_rates

DATED = {"capacity_uses", "bills_of_materials", "prices", "costs", "team_members"}
TOLD = {"deals": deal_events, "deal_history": step_events}  # rows that change deals as news of a CRM do
ONE_AT_A_TIME = 7_301_001
POSSIBLE = {ImportState.CHECKED, ImportState.COMMITTING, ImportState.READING}


def commit_staged(run: ImportRun, progress: Reports, actor: Person | None = None) -> dict[str, Any]:
    """Commit a checked run. A second call, by whomever, changes nothing.

    READING is possible here only after a commit that was killed while it read the file again.
    """
    if run.state == ImportState.COMMITTED:
        return {"committed": str(run.committed)}
    if run.state not in POSSIBLE:
        raise Refused(f"This import is “{run.get_state_display()}”; only a checked one is committed.")
    if staged_rows(run) != run.rows_good + run.rows_held + _left_out(run):
        progress.report(step="The checked rows are gone (a restart); reading the file again")
        read_import(run, progress, actor)
    progress.report(step="Writing the rows")
    try:
        with transaction.atomic():
            counts = _commit(run, actor)
    except IntegrityError as error:
        raise Refused(_sentence(error)) from error
    return counts


def _left_out(run: ImportRun) -> int:
    return run.preview.get("left_out", 0)


def _commit(run: ImportRun, actor: Person | None) -> dict[str, Any]:
    fresh = _locked(run)
    if fresh.state == ImportState.COMMITTED:
        return {"committed": str(fresh.committed)}
    prepare_session()
    resolve_again(fresh)
    _refuse_unless_possible(fresh)
    held = hold_unknown(fresh)  # before storing: what is stored makes more names known
    counts = store_rows(fresh, actor) | {"held": held}
    fresh.rows_new, fresh.rows_changed = counts["new"], counts["changed"]
    fresh.rows_held, fresh.rows_good = counts["held"], counts["good"]
    fresh.rows_unchanged = counts["good"] - counts["new"] - counts["changed"]
    fresh.state, fresh.committed, fresh.committed_by = ImportState.COMMITTED, timezone.now(), actor
    fresh.save()
    drop_staging(fresh)
    recount_queue(fresh.source)
    record(actor=actor, verb="import committed", subject=fresh, after=counts)
    after_commit(run=fresh)
    return counts


def _locked(run: ImportRun) -> ImportRun:
    """The run's row, locked, and the gate that lets one commit through at a time: sums stay exact."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    return ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)


def _refuse_unless_possible(run: ImportRun) -> None:
    twin = ImportRun.objects.filter(fingerprint=run.fingerprint, state=ImportState.COMMITTED).first()
    if twin:
        who = twin.committed_by.name if twin.committed_by else "the system"
        raise Refused(
            Reason(
                f"This file was already imported on {twin.committed:%d %b %Y} by {who}: nothing to do.",
                code="already imported",
                url=f"/data/imports/{twin.pk}/",
            )
        )
    if run.state not in POSSIBLE:
        raise Refused(f"This import is “{run.get_state_display()}”; only a checked one is committed.")
    blocking = missing_rates(run)
    if blocking:
        raise Refused(*(Reason(sentence, code="blocked") for sentence in blocking))


def store_rows(run: ImportRun, actor: Person | None, *, only_newer: bool = False) -> dict[str, int]:
    """Write the good rows of a staging table into their target. Call it inside a transaction."""
    dataset = dataset_of(run)
    target = target_of(run, actor.pk if actor else None)
    good = _count(f"SELECT count(*) FROM {target.tables} WHERE {target.good}")
    if target.missing_units:
        _create_demand_units(target)
    if dataset.code in TOLD:
        new, changed = tell_deals(run, target, TOLD[dataset.code])
    elif dataset.code == "order_papers":
        new, changed = tell_papers(run, target)
    elif dataset.code == "leads":
        new, changed = tell_leads(run, target)
    elif dataset.code in DATED:
        new, changed = store_dated(target)
    elif dataset.group == "notes":
        new, changed = store_dated(target, keep_ranges=True)
        link_notes(run, target, dataset)
    else:
        new, changed = _upsert(run, target, only_newer=only_newer)
    for field, column in target.later.items():
        resolve_again(run)
        _point_to_each_other(run, target_of(run), field, column)
    return {"good": good, "new": new, "changed": changed}


def _create_demand_units(target: Target) -> None:
    table = DemandUnit._meta.db_table
    created = _execute(
        f"""
        INSERT INTO {table} (product_id, market_id, is_active, revision)
        SELECT product_id, market_id, true, 1 FROM ({target.missing_units}) missing
        ON CONFLICT DO NOTHING
        """
    )
    if created:  # the plans that follow must know them
        _execute(f"ANALYZE {table}")


def _upsert(run: ImportRun, target: Target, *, only_newer: bool) -> tuple[int, int]:
    """Insert or restate; only rows that differ are touched. Returns how many are new and changed."""
    sums = dataset_of(run).target == "gathering.SalesLine"
    before = _count(f"SELECT coalesce(max(id), 0) FROM {target.table}")
    if not _any_restated(target):
        new = _execute(insert_of(target))
        if sums:
            add_new_lines(run, before)
        return new, 0
    if sums:
        remember_touched(target)
    written = _execute(upsert_of(target, only_newer=only_newer))
    new = _count(f"SELECT count(*) FROM {target.table} WHERE id > {before}")
    if sums:
        sum_touched(run)
    return new, written - new


def _any_restated(target: Target) -> bool:
    """Whether any staged row meets one that is there: asked under the gate, so it stays true."""
    return _count(f"SELECT count(*) FROM {target.tables} JOIN {target.table} t ON {target.matches}") > 0


def insert_of(target: Target) -> str:
    """Plain INSERT: a third faster than an upsert, for files that restate nothing."""
    return f"""
        INSERT INTO {target.table} ({", ".join(target.values)})
        SELECT {", ".join(target.values.values())} FROM {target.tables} WHERE {target.good}
    """


def upsert_of(target: Target, *, only_newer: bool = False) -> str:
    """INSERT … ON CONFLICT over the staged rows."""
    columns = ", ".join(target.values)
    sets = [f"{column} = EXCLUDED.{column}" for column in target.compared]
    sets += [f"{c} = EXCLUDED.{c}" for c in ("run_id", "row_number") if target.has_run and c in target.values]
    sets += ["revision = t.revision + 1"] if target.is_revised else []
    ours = ", ".join(f"t.{column}" for column in target.compared)
    theirs = ", ".join(f"EXCLUDED.{column}" for column in target.compared)
    where = f"WHERE {target.among}" if target.among else ""
    newer = " AND t.run_id <= EXCLUDED.run_id" if only_newer and target.has_run else ""
    return f"""
        INSERT INTO {target.table} AS t ({columns})
        SELECT {", ".join(target.values.values())} FROM {target.tables} WHERE {target.good}
        ON CONFLICT ({", ".join(target.key)}) {where}
        DO UPDATE SET {", ".join(sets)} WHERE ROW({ours}) IS DISTINCT FROM ROW({theirs}){newer}
    """


def _point_to_each_other(run: ImportRun, target: Target, field: str, column: str) -> None:
    """Set references to rows of the same table that this very file has brought."""
    _execute(
        f"""
        UPDATE {target.table} t SET {column} = n_{field}.target_id
        FROM {target.tables}
        WHERE {target.good} AND t.code = s.code AND n_{field}.target_id IS NOT NULL
          AND t.{column} IS DISTINCT FROM n_{field}.target_id
        """
    )


def _execute(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.rowcount


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _sentence(error: IntegrityError) -> str:
    diagnostics = getattr(error.__cause__, "diag", None)
    rule = (getattr(diagnostics, "constraint_name", None) or "").replace("_", " ")
    primary = getattr(diagnostics, "message_primary", None) or str(error).splitlines()[0]
    detail = getattr(diagnostics, "message_detail", None) or ""
    return (
        f"The database refuses a row: {rule or primary}. {detail[:200]} Nothing was imported; mend the file."
    )
