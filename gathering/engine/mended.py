"""A rejects file that comes back mended: its rows keep the numbers they had in the first file."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gathering.engine.chunks import Chunk
from gathering.engine.faults import FileFault
from gathering.engine.numbers import CANONICAL

ROW, PROBLEM = "row in the file", "problem"
FORMULA = r"^'(['=+\-@\t\r])"
STARTS = ("=", "+", "-", "@", "\t", "\r")


def guard(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; negative numbers stay numbers."""
    risky = cell.startswith(STARTS) or (cell.startswith("'") and cell[1:2] in {*STARTS, "'"})
    return f"'{cell}" if risky and not re.match(CANONICAL, cell) else cell


def mended_chunks(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The chunks without the two columns of the rejects file, numbered as the first file was."""
    last = 0
    for chunk in chunks:
        rows = _numbers(chunk, last)
        last = int(rows[-1]) if len(rows) else last
        table = chunk.table.drop_columns([ROW, PROBLEM])
        columns = [pc.replace_substring_regex(column, FORMULA, r"\1") for column in table.columns]
        ragged = [
            replace(item, cells=item.cells[2:], row=_row_of(item.cells, item.row)) for item in chunk.ragged
        ]
        yield Chunk(rows, pa.Table.from_arrays(columns, names=table.column_names), ragged)


def _row_of(cells: list[str], row: int) -> int:
    return int(cells[0]) if cells and cells[0].isdecimal() else row


def _numbers(chunk: Chunk, last: int) -> np.ndarray:
    texts = chunk.table.column(ROW).to_pylist()
    if not all(text.isdecimal() and text.isascii() for text in texts):
        row = next(n for n, text in zip(chunk.rows, texts, strict=True) if not text.isdecimal())
        raise FileFault(f"Row {row}: the column “{ROW}” must stay as it was downloaded.")
    rows = np.array([int(text) for text in texts], dtype=np.int64)
    if len(rows) and (rows[0] <= last or (np.diff(rows) <= 0).any()):
        raise FileFault(f"The column “{ROW}” must stay in its order, each number once. Copy no rows.")
    return rows
