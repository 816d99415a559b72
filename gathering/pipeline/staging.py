"""The unlogged table of a run's checked rows, and the COPY that fills it beside the reading.

While one chunk is read and checked, the chunk before it is on its way to PostgreSQL in a thread:
two cores work at once. The thread uses the caller's own connection, and the caller leaves the
database alone until `wait`.
"""

import io
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.db import connection

from gathering.datasets import DATASETS, Dataset, Field
from gathering.datasets.shape import DATE, INTEGER, MONTH, NUMBERS
from gathering.engine.problems import Problem
from gathering.engine.shaping import Shaped
from gathering.models import ImportRun, RejectedRow, RowProblem


def type_of(field: Field) -> str:
    """The column type in the staging table."""
    if field.kind == INTEGER:
        return "bigint"
    if field.kind in NUMBERS:
        return "numeric"
    return "date" if field.kind in {DATE, MONTH} else "text"


def names_table(run: ImportRun) -> str:
    """The table that says what each foreign name of the run means."""
    return f"{run.staging_table}_names"


def dataset_of(run: ImportRun) -> Dataset:
    """What the rows of the import are."""
    return DATASETS[run.dataset]


def create_staging(run: ImportRun) -> None:
    """An empty staging table, whatever an earlier attempt left behind."""
    drop_staging(run)
    columns = ", ".join(f"{field.name} {type_of(field)}" for field in dataset_of(run).fields)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE {run.staging_table} (row_number bigint NOT NULL, {columns})")


def drop_staging(run: ImportRun) -> None:
    """Forget the checked rows and the meanings of their names."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {run.staging_table}, {names_table(run)}")


def staged_rows(run: ImportRun) -> int | None:
    """How many rows are staged; None when the table is gone (a crash empties unlogged tables)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [run.staging_table])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(f"SELECT count(*) FROM {run.staging_table}")
        return cursor.fetchone()[0]


class Stage:
    """Sends chunks to PostgreSQL, one at a time, beside the caller. Use it as a context."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="stage")
        self.running: Future[None] | None = None

    def __enter__(self) -> "Stage":
        connection.ensure_connection()
        self.raw = connection.connection
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self.thread.shutdown(wait=True)

    def put(self, shaped: Shaped) -> None:
        """Send a chunk: its good rows to the staging table, its problems and rejects to theirs."""
        self.wait()
        self.running = self.thread.submit(self._send, shaped)

    def wait(self) -> None:
        """Return when nothing is on its way; raises what went wrong in the thread."""
        running, self.running = self.running, None
        if running:
            running.result()

    def _send(self, shaped: Shaped) -> None:
        with self.raw.cursor() as cursor:
            if len(shaped.rows):
                names = ", ".join(["row_number", *shaped.columns])
                self._copy(cursor, f"{self.run.staging_table} ({names})", rows_as_csv(shaped))
            if shaped.problems:
                columns = 'run_id, row_number, "column", value, problem, advice'
                text = problems_as_csv(self.run, shaped.problems)
                self._copy(cursor, f"{RowProblem._meta.db_table} ({columns})", text)
            if shaped.rejected:
                text = rejects_as_csv(self.run, shaped.rejected)
                self._copy(cursor, f"{RejectedRow._meta.db_table} (run_id, row_number, cells)", text)

    def _copy(self, cursor: object, target: str, text: io.BytesIO) -> None:
        cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT csv)", text, size=1 << 18)  # type: ignore[attr-defined]


def rows_as_csv(shaped: Shaped) -> io.BytesIO:
    """The good rows for COPY: empty is null, texts are quoted."""
    return _csv(pa.table({"row_number": pa.array(shaped.rows), **shaped.columns}))


def problems_as_csv(run: ImportRun, problems: list[Problem]) -> io.BytesIO:
    """Problems for COPY."""
    table = {
        "run": pa.array([run.pk] * len(problems)),
        "row": pa.array([problem.row for problem in problems]),
        "column": pa.array([problem.column[:120] for problem in problems]),
        "value": pa.array([problem.value[:200] for problem in problems]),
        "problem": pa.array([problem.problem[:300] for problem in problems]),
        "advice": pa.array([problem.advice[:300] for problem in problems]),
    }
    return _csv(pa.table(table))


def rejects_as_csv(run: ImportRun, rejected: list[tuple[int, list[str]]]) -> io.BytesIO:
    """Rejected rows for COPY."""
    table = {
        "run": pa.array([run.pk] * len(rejected)),
        "row": pa.array([row for row, _ in rejected]),
        "cells": pa.array([_array_literal(cells) for _, cells in rejected]),
    }
    return _csv(pa.table(table))


def _csv(table: pa.Table) -> io.BytesIO:
    sink = io.BytesIO()
    arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(include_header=False))
    sink.seek(0)
    return sink


def _array_literal(cells: list[str]) -> str:
    quoted = ('"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"' for cell in cells)
    return "{" + ",".join(quoted) + "}"
