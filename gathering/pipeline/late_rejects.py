"""Rows that only the whole file shows to be wrong: refused after all, as they stood in the file."""

import numpy as np
import pyarrow as pa
from django.db import connection

from gathering.engine.chunks import Chunk
from gathering.engine.opening import open_rows
from gathering.engine.problems import Problem
from gathering.engine.shaping import NUL_SHOWN
from gathering.models import ImportRun, RejectedRow, RowProblem
from gathering.pipeline.definitions import profile_of

BATCH = 5_000


def refuse_rows(run: ImportRun, problems: list[Problem]) -> None:
    """Take rows out of the staging table and into the rejects. The file is read again for their cells."""
    wanted = np.array(sorted({problem.row for problem in problems}), dtype=np.int64)
    RowProblem.objects.bulk_create(
        (
            RowProblem(
                run=run,
                row_number=p.row,
                column=p.column,
                value=p.value,
                problem=p.problem[:300],
                advice=p.advice,
            )
            for p in problems
        ),
        batch_size=BATCH,
    )
    RejectedRow.objects.bulk_create(_rejects(run, wanted), batch_size=BATCH, ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {run.staging_table} WHERE row_number = ANY(%s)",
            [wanted.tolist()],
        )


def _rejects(run: ImportRun, wanted: np.ndarray) -> list[RejectedRow]:
    found = []
    profile = profile_of(run)
    with run.file.open("rb") as file:
        for chunk in open_rows(file, profile).chunks:
            found += [
                RejectedRow(run=run, row_number=row, cells=cells) for row, cells in _cells(chunk, wanted)
            ]
    return found


def _cells(chunk: Chunk, wanted: np.ndarray) -> list[tuple[int, list[str]]]:
    mask = np.isin(chunk.rows, wanted)
    columns = chunk.table.filter(pa.array(mask)).to_pydict().values()
    lines = zip(*columns, strict=True)
    return [
        (int(row), [cell.replace("\0", NUL_SHOWN) for cell in line])
        for row, line in zip(chunk.rows[mask], lines, strict=True)
    ]
