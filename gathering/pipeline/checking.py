"""What only the whole file can tell: identities, rows that stand twice, the preview."""

from collections import Counter
from typing import Any

from django.db import connection

from gathering.models import ImportRun
from gathering.pipeline.differences import count_differences, sample_of_changes
from gathering.pipeline.duplicates import settle_duplicates
from gathering.pipeline.names import resolve_names, source_of
from gathering.pipeline.queue import queue_unknown_names, unknown_names
from gathering.pipeline.staging import dataset_of
from gathering.pipeline.targets import target_of
from gathering.pipeline.worth import missing_rates

ORDER_FIELDS = {"order_number", "line"}


def prepare_session() -> None:
    """Memory for hash joins over a whole file; compiling plans costs more than it brings here."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")


def check_staged(run: ImportRun, counts: Counter) -> None:
    """Fill the run's counts and its preview from the staged rows. Call it inside a transaction."""
    prepare_session()
    derive_identity(run)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {run.staging_table}")
    resolve_names(run)
    settled = settle_duplicates(run)
    source = source_of(run)
    good, left_out = _count(run, source.good, source.left_out)
    run.rows_read = counts["read"]
    run.rows_rejected = counts["rejected"] + settled.refused
    run.rows_good = good
    run.rows_held = _staged(run) - good - left_out
    target = target_of(run)
    run.rows_new, run.rows_changed, run.rows_unchanged = count_differences(target)
    run.preview |= _preview(run, counts, left_out, settled.merged)
    run.preview["changes"] = sample_of_changes(run, target) if run.rows_changed else []
    queue_unknown_names(run)


def derive_identity(run: ImportRun) -> None:
    """Give order lines without a number one of their own: day, product, market and the how-manieth.

    The same line in an overlapping file gets the same number. Mended rows take their first file's row.
    """
    if not set(dataset_of(run).names) >= ORDER_FIELDS:
        return
    given = ORDER_FIELDS & set(run.preview["given"])
    with connection.cursor() as cursor:
        condition = " OR ".join(f"{name} IS NULL" for name in sorted(ORDER_FIELDS))
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {run.staging_table} WHERE {condition})")
        if given == ORDER_FIELDS and not cursor.fetchone()[0]:
            return
        cursor.execute(_with_identity(run))


def _with_identity(run: ImportRun) -> str:
    dataset, table = dataset_of(run), run.staging_table
    day = "day" if "day" in dataset.names else "due"
    order = (
        f"coalesce(order_number, to_char({day}, 'YYYY-MM-DD') || ' ' || md5(concat_ws('|', product, market)))"
    )
    ordinal = f"row_number() OVER (PARTITION BY {order}, product ORDER BY row_number)"
    if run.mends_id:
        ordinal = f"'{run.mends_id}-' || row_number"
    line = f"coalesce(line, left(product, 80) || ' #' || {ordinal})"
    others = [name for name in ("row_number", *dataset.names) if name not in ORDER_FIELDS]
    return f"""
        CREATE UNLOGGED TABLE {table}_numbered AS
        SELECT {", ".join(others)}, left({order}, 80) AS order_number, {line} AS line FROM {table};
        DROP TABLE {table};
        ALTER TABLE {table}_numbered RENAME TO {table};
    """


def _staged(run: ImportRun) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {run.staging_table}")
        return cursor.fetchone()[0]


def _count(run: ImportRun, good: str, left_out: str) -> tuple[int, int]:
    source = source_of(run)
    tables = source.alone or source.tables
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE {good}), count(*) FILTER (WHERE {left_out}) FROM {tables}"
        )
        return cursor.fetchone()


def _preview(run: ImportRun, counts: Counter, left_out: int, merged: int) -> dict[str, Any]:
    skipped = {name.removeprefix("skipped "): n for name, n in counts.items() if name.startswith("skipped ")}
    if left_out:
        skipped["names that are left out knowingly (mappings)"] = left_out
    if merged:
        skipped["rows that stand twice, settled as the profile says"] = merged
    return {
        "totals": _totals(run),
        "days": _days(run),
        "new_demand_units": _new_demand_units(run),
        "unmapped": unknown_names(run),
        "skipped": skipped,
        "blocking": missing_rates(run),
        "left_out": left_out,
    }


def _totals(run: ImportRun) -> dict[str, dict[str, str]]:
    """The sums that a person compares with the source system: in the file, and what is accepted."""
    dataset, source = dataset_of(run), source_of(run)
    parts = {"quantity": dataset.quantity, "revenue": dataset.money, "cost": dataset.cost}
    named = {name: f"s.{column}" for name, column in parts.items() if column}
    if "unit_price" in dataset.names:
        named["revenue"] = "coalesce(s.revenue, s.quantity * s.unit_price)"
    if not named:
        return {}
    sums = ", ".join(
        f"coalesce(sum({column}), 0), coalesce(sum({column}) FILTER (WHERE {source.good}), 0)"
        for column in named.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM {source.alone or source.tables}")
        found = [str(value) for value in cursor.fetchone()]
    pairs = zip(found[0::2], found[1::2], strict=True)
    return {name: {"file": f, "accepted": a} for name, (f, a) in zip(named, pairs, strict=True)}


def _days(run: ImportRun) -> dict[str, str]:
    day = dataset_of(run).day
    if not day:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min({day}), max({day}) FROM {run.staging_table}")
        first, last = cursor.fetchone()
    return {"first": first.isoformat(), "last": last.isoformat()} if first else {}


def _new_demand_units(run: ImportRun) -> int:
    missing = target_of(run).missing_units
    if not missing:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({missing}) missing")
        return cursor.fetchone()[0]
