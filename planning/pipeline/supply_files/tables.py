"""One CSV file as rows of cleaned values; every mistake as one sentence with file and line."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

UNLIMITED = {"unlimited", "inf", "infinity", "none", "no limit"}
SPACES = str.maketrans("", "", " \u00a0\u2009\u202f_'")


@dataclass(frozen=True)
class Column:
    """A column of a file: text unless it is a number. `empty` stands for an empty cell."""

    name: str
    is_number: bool = True
    required: bool = False
    empty: float | str | None = 0.0


def text(name: str, *, required: bool = False) -> Column:
    """A column of texts."""
    return Column(name, is_number=False, required=required, empty="")


@dataclass
class Row:
    """A row by column name, and where it stands."""

    line: int
    cells: dict[str, float | str | None]

    def text(self, name: str) -> str:
        """The cell's text."""
        return str(self.cells[name])

    def number(self, name: str) -> float:
        """The cell's number; infinite where an empty cell means without limit."""
        value = self.cells[name]
        return math.inf if value is None else float(value)


@dataclass
class Table:
    """A file's rows, and what is wrong with it."""

    name: str
    rows: list[Row] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    is_there: bool = True

    def wrong(self, row: Row, sentence: str) -> None:
        """Keep a sentence about a row, with file and line."""
        self.mistakes.append(f"{self.name}, line {row.line}: {sentence}")

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def read_table(folder: Path, name: str, columns: tuple[Column, ...], *, required: bool) -> Table:
    """Read `folder/name`. Without a required file, or with a wrong head, there are mistakes and no rows."""
    table, path = Table(name), folder / name
    if not path.is_file():
        table.is_there = False
        if required:
            table.mistakes.append(f"{name} is missing. docs/files.md shows what belongs into it.")
        return table
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        table.mistakes.append(f"{name} is not UTF-8 text. Save it as CSV UTF-8.")
        return table
    _read_lines(table, lines, columns)
    return table


def _read_lines(table: Table, lines: list[str], columns: tuple[Column, ...]) -> None:
    if not lines:
        table.mistakes.append(f"{table.name} is empty. Its first line names the columns.")
        return
    delimiter = max(",;\t|", key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter)
    heads = [_plain(head) for head in next(reader)]
    if not _head_is_right(table, heads, columns):
        return
    for cells in reader:
        if any(cell.strip() for cell in cells):
            _read_row(table, reader.line_num, dict(zip(heads, cells, strict=False)), columns, delimiter)


def _plain(head: str) -> str:
    return "_".join(head.strip().lower().replace("-", " ").split())


def _head_is_right(table: Table, heads: list[str], columns: tuple[Column, ...]) -> bool:
    known = [column.name for column in columns]
    for head in heads:
        if head not in known:
            near = get_close_matches(head, known, 1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known are {', '.join(known)}."
            table.mistakes.append(f"{table.name}, line 1: no column is called “{head}”. {hint}")
    for double in sorted({head for head in heads if heads.count(head) > 1}):
        table.mistakes.append(f"{table.name}, line 1: the column “{double}” stands there twice.")
    for column in columns:
        if column.required and column.name not in heads:
            table.mistakes.append(f"{table.name}, line 1: the column “{column.name}” is missing.")
    return not table.mistakes


def _read_row(
    table: Table, line: int, cells: dict[str, str], columns: tuple[Column, ...], delimiter: str
) -> None:
    row = Row(line, {})
    before = len(table.mistakes)
    for column in columns:
        cell = cells.get(column.name, "").strip()
        if not cell:
            if column.required:
                table.wrong(row, f"“{column.name}” is empty.")
            row.cells[column.name] = column.empty
        elif column.is_number:
            row.cells[column.name] = _number(table, row, column.name, cell, delimiter)
        else:
            row.cells[column.name] = cell
    if len(table.mistakes) == before:
        table.rows.append(row)


def _number(table: Table, row: Row, name: str, cell: str, delimiter: str) -> float | None:
    """0 or more; None for a cell that says there is no limit. A decimal comma is read where the
    columns are not separated by commas."""
    if cell.lower() in UNLIMITED:
        return None
    typed = cell.translate(SPACES)
    if delimiter != "," and "." not in typed:
        typed = typed.replace(",", ".")
    try:
        value = float(typed)
    except ValueError:
        table.wrong(row, f"“{cell}” in “{name}” is not a number. Write 1600 or 12.5.")
        return 0.0
    if not math.isfinite(value) or value < 0:
        table.wrong(row, f"“{name}” is {cell}; it must be 0 or more.")
        return 0.0
    return value
