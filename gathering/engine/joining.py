"""Columns of a second file, added to each row."""

from collections import Counter
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gathering.engine.faults import FileFault
from gathering.engine.opening import open_rows
from gathering.engine.problems import Problem
from gathering.engine.profile import Join, Profile

MOST_ROWS = 2_000_000


@dataclass(frozen=True)
class Second:
    """A second file in memory: its key column and the columns that are added."""

    join: Join
    keys: pa.Array
    columns: dict[str, pa.Array]

    @property
    def names(self) -> list[str]:
        """The columns that it adds, in order."""
        return list(self.columns)


def load_second(file: IO[bytes], join: Join) -> Second:
    """Read a second file whole. Raises FileFault for missing columns and for a key that stands twice."""
    opened = open_rows(file, Profile(delimiter=join.delimiter, encoding=join.encoding))
    wanted = join.columns or tuple(name for name in opened.header if name != join.on[1])
    absent = [name for name in (join.on[1], *wanted) if name not in opened.header]
    if absent:
        raise FileFault(
            f"The file “{join.file}” has no column “{absent[0]}”. It has: {', '.join(opened.header)}."
        )
    tables = [chunk.table.select([join.on[1], *wanted]) for chunk in opened.chunks]
    table = (
        pa.concat_tables(tables)
        if tables
        else pa.table({n: pa.array([], pa.string()) for n in opened.header})
    )
    if table.num_rows > MOST_ROWS:
        raise FileFault(
            f"The file “{join.file}” has more than {MOST_ROWS:,} rows. Join it before the import."
        )
    keys = _one(pc.utf8_trim_whitespace(table.column(join.on[1])))
    twice = [key for key, count in Counter(keys.to_pylist()).items() if count > 1]
    if twice:
        raise FileFault(
            f"“{twice[0]}” stands twice in column “{join.on[1]}” of “{join.file}”. Keep one of them."
        )
    return Second(join, keys, {join.prefix + name: _one(table.column(name)) for name in wanted})


def join_chunk(table: pa.Table, second: Second, rows: np.ndarray, found: list[Problem]) -> pa.Table:
    """Add the second file's columns; a row without a partner gets a problem unless that is optional."""
    own = second.join.on[0]
    if own not in table.column_names:
        raise FileFault(f"The file has no column “{own}” to join “{second.join.file}” on.")
    keys = pc.utf8_trim_whitespace(table.column(own))
    partners = _one(pc.index_in(keys, second.keys))
    if second.join.is_required and partners.null_count:
        _without_partner(keys, partners, second, rows, found)
    for name, cells in second.columns.items():
        table = table.append_column(name, pc.fill_null(cells.take(partners), ""))
    return table


def _without_partner(
    keys: pa.ChunkedArray, partners: pa.Array, second: Second, rows: np.ndarray, found: list[Problem]
) -> None:
    alone = pc.is_null(partners)
    values = pc.filter(keys, alone).to_pylist()
    for row, value in zip(rows[alone.to_numpy(zero_copy_only=False)], values, strict=True):
        problem = f"No row of “{second.join.file}” has this {second.join.on[1]}."
        found.append(
            Problem(
                int(row), second.join.on[0], value[:200], problem, "Mend it, or complete the second file."
            )
        )


def _one(cells: pa.ChunkedArray | pa.Array) -> pa.Array:
    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if isinstance(whole, pa.ChunkedArray):
        return pa.concat_arrays(whole.chunks)
    return whole
