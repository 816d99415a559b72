"""What every reader gives: chunks of rows as text, with the rows that do not fit the header."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Ragged:
    """A row with more or fewer cells than the header."""

    row: int
    cells: list[str]


@dataclass(frozen=True)
class Chunk:
    """Rows of a file: `rows` are their numbers in it, `table` their cells as text, header as names."""

    rows: np.ndarray
    table: pa.Table
    ragged: list[Ragged] = field(default_factory=list)


def chunks_of_rows(header: list[str], rows: Iterable[tuple[int, list[str]]]) -> Iterator[Chunk]:
    """Chunks from numbered rows of cells (the readers that cannot use pyarrow's CSV parser)."""
    source = iter(rows)
    while block := list(islice(source, CHUNK_ROWS)):
        whole = [(number, cells) for number, cells in block if len(cells) == len(header)]
        ragged = [Ragged(number, cells) for number, cells in block if len(cells) != len(header)]
        columns = list(zip(*(cells for _, cells in whole), strict=True)) or [()] * len(header)
        table = pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], names=header)
        yield Chunk(np.array([number for number, _ in whole], dtype=np.int64), table, ragged)


def with_surplus(chunk: Chunk, header: list[str], column: str, glue: str) -> Chunk:
    """Rows with too many cells, mended: the surplus belongs to one column, unquoted delimiters and all."""
    if column not in header or not chunk.ragged:
        return chunk
    place = header.index(column)
    long = [item for item in chunk.ragged if len(item.cells) > len(header)]
    rows = [(item.row, _glued(item.cells, place, len(header), glue)) for item in long]
    mended = next(chunks_of_rows(header, rows), None)
    if mended is None:
        return chunk
    order = np.argsort(np.concatenate([chunk.rows, mended.rows]), kind="stable")
    table = pa.concat_tables([chunk.table, mended.table]).combine_chunks().take(pa.array(order))
    short = [item for item in chunk.ragged if len(item.cells) <= len(header)]
    return Chunk(np.sort(np.concatenate([chunk.rows, mended.rows])), table, short)


def _glued(cells: list[str], place: int, width: int, glue: str) -> list[str]:
    surplus = len(cells) - width
    return [*cells[:place], glue.join(cells[place : place + surplus + 1]), *cells[place + surplus + 1 :]]
