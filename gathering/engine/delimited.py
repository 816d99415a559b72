"""CSV, PSV, TSV: found out how they are written, then read in chunks by pyarrow.

Row numbers count records: the header and whatever stands above it are part of the count.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from gathering.engine.chunks import Chunk, Ragged, chunks_of_rows
from gathering.engine.decoding import HEAD, Utf8Stream, encoding_of
from gathering.engine.faults import FileFault
from gathering.engine.profile import AUTO, Profile

BLOCK = 8 << 20
CANDIDATES = (",", ";", "\t", "|")
csv.field_size_limit(BLOCK)


@dataclass(frozen=True)
class Layout:
    """How a text file is written. `above` counts the lines before the first row of data."""

    encoding: str
    delimiter: str
    quote: str
    header: list[str]
    above: int


def layout_of(file: IO[bytes], profile: Profile) -> Layout:
    """Sniff what the profile leaves open. Raises FileFault."""
    file.seek(0)
    head = file.read(HEAD)
    if not head.strip():
        raise FileFault("The file is empty. Export it again.")
    encoding = encoding_of(head, profile.encoding)
    file.seek(0)
    text = Utf8Stream(io.BytesIO(_whole_characters(file.read(HEAD), encoding)), encoding).read().decode()
    delimiter = profile.delimiter if profile.delimiter != AUTO else _delimiter_of(text)
    quote = "" if profile.quote == "none" else profile.quote
    header, above = _header_of(text, delimiter, quote, profile)
    return Layout(encoding, delimiter, quote, header, above)


def _whole_characters(head: bytes, encoding: str) -> bytes:
    """The head without a last character that the cut may have split."""
    if len(head) < HEAD:
        return head
    end = head.rfind(b"\n") if "16" not in encoding and "32" not in encoding else len(head) // 4 * 4
    return head[:end] if end > 0 else head


def _delimiter_of(text: str) -> str:
    """The candidate that splits the most lines into the same, largest number of cells."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        return (count / len(lines) if width > 1 else 0.0), width

    return max(CANDIDATES, key=score)


def _header_of(text: str, delimiter: str, quote: str, profile: Profile) -> tuple[list[str], int]:
    rows, lines = _first_rows(text, delimiter, quote)
    if profile.header_row == 0 or (profile.header and profile.header_row is None):
        return list(profile.header), 0
    position = profile.header_row - 1 if profile.header_row else _header_position(rows, profile.named)
    if position >= len(rows):
        raise FileFault(f"The header should be in row {position + 1}, but the file has fewer rows.")
    names = list(profile.header) or [cell.strip() for cell in rows[position]]
    return checked_header(names, position + 1), lines[position]


def _first_rows(text: str, delimiter: str, quote: str) -> tuple[list[list[str]], list[int]]:
    if len(delimiter) > 1:
        split = [line.split(delimiter) for line in text.splitlines()[:100]]
        return split, list(range(1, len(split) + 1))
    style = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **style)
    rows, lines = [], []
    try:
        for row in reader:
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) == 100:
                break
    except csv.Error as error:
        raise FileFault(f"Line {reader.line_num}: {error}. Look for a quote that is never closed.") from error
    return rows, lines


def _header_position(rows: list[list[str]], named: set[str]) -> int:
    """The row that has the profile's columns, else the first that is as wide as most rows and has a
    text in each cell: junk above it is skipped."""
    for position, row in enumerate(rows):
        if named and named <= {cell.strip() for cell in row}:
            return position
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        raise FileFault("The file has no rows. Export it again.")
    widths = Counter(len(row) for row in filled)
    usual = max(widths, key=lambda width: widths[width] * (width > 1))
    for position, row in enumerate(rows):
        if len(row) >= usual and all(cell.strip() for cell in row):
            return position
    return next(position for position, row in enumerate(rows) if any(cell.strip() for cell in row))


def checked_header(names: list[str], row: int) -> list[str]:
    """The header, refused when a name is missing or stands twice."""
    while names and not names[-1]:
        names = names[:-1]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        found = ", ".join(f"“{name}”" for name in twice)
        raise FileFault(
            f"Row {row}: the header has {found} twice. Rename one column in the file, or name all columns "
            "with “header: […]” in the profile."
        )
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def read_delimited(file: IO[bytes], layout: Layout) -> Iterator[Chunk]:
    """The rows below the header, in chunks. Raises FileFault for what no row can be made of."""
    file.seek(0)
    stream = Utf8Stream(file, layout.encoding)
    if len(layout.delimiter) > 1:
        yield from chunks_of_rows(layout.header, _split_lines(stream, layout))
    else:
        yield from _read_by_arrow(stream, layout)


def _split_lines(stream: Utf8Stream, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    lines = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8", newline=None)
    for number, line in enumerate(lines, start=1):
        if number > layout.above and line.strip():
            yield number, line.rstrip("\n").split(layout.delimiter)


def _read_by_arrow(stream: Utf8Stream, layout: Layout) -> Iterator[Chunk]:
    skipped: list[Ragged] = []

    def remember(row: arrow_csv.InvalidRow) -> str:
        skipped.append(Ragged(row.number, _cells(row.text, layout)))
        return "skip"

    position = layout.above
    try:
        for batch in _open(stream, layout, remember):
            rows, position = _numbers(position, batch.num_rows, [item.row for item in skipped])
            ended = [item for item in skipped if item.row <= position]
            skipped = [item for item in skipped if item.row > position]
            yield Chunk(rows, pa.Table.from_batches([batch]), _not_blank(ended))
    except pa.ArrowInvalid as error:
        raise FileFault(_sentence(error, position)) from error
    if skipped:
        empty = pa.Table.from_pydict({name: pa.array([], pa.string()) for name in layout.header})
        yield Chunk(np.array([], dtype=np.int64), empty, _not_blank(skipped))


def _open(stream: Utf8Stream, layout: Layout, remember: object) -> arrow_csv.CSVStreamingReader:
    names = layout.header
    return arrow_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK, skip_rows=layout.above, column_names=names
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char=layout.quote or False,
            newlines_in_values=bool(layout.quote),
            ignore_empty_lines=False,
            invalid_row_handler=remember,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )


def _numbers(position: int, count: int, skipped: list[int]) -> tuple[np.ndarray, int]:
    """The numbers of `count` good rows after `position`, leaving out the skipped ones."""
    end = position + count
    while (needed := position + count + sum(1 for row in skipped if row <= end)) != end:
        end = needed
    numbers = np.arange(position + 1, end + 1, dtype=np.int64)
    return numbers[~np.isin(numbers, skipped)], end


def _cells(text: str, layout: Layout) -> list[str]:
    style = {"quotechar": layout.quote} if layout.quote else {"quoting": csv.QUOTE_NONE}
    rows = list(csv.reader([text], delimiter=layout.delimiter, **style))
    return rows[0] if rows else []


def _not_blank(rows: list[Ragged]) -> list[Ragged]:
    return [item for item in rows if any(cell.strip() for cell in item.cells)]


def _sentence(error: pa.ArrowInvalid, position: int) -> str:
    if "straddling" in str(error):
        return (
            f"After row {position}: a row is longer than {BLOCK >> 20} MB. Most often a quote is opened and "
            "never closed; mend it, or say “quote: none” in the profile."
        )
    if "Empty CSV" in str(error):
        return "The file has a header and no rows. Export it again."
    return f"After row {position} the file cannot be read ({str(error)[:120]})."
