"""CSV tables whose every bad row gets a sentence with its line."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MOST_NAMED = 20
DELIMITERS = ",;\t|"


class BadTable(Exception):
    """What is wrong with the files, one sentence for each row with its file and line."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass
class Faults:
    """Sentences about a file's rows."""

    sentences: list[str] = field(default_factory=list)

    def raise_any(self) -> None:
        """Raises BadTable with the first MOST_NAMED sentences."""
        if self.sentences:
            more = len(self.sentences) - MOST_NAMED
            rest = [f"… and {more} more."] if more > 0 else []
            raise BadTable(*self.sentences[:MOST_NAMED], *rest)


@dataclass(frozen=True)
class Row:
    """A row: its line in the file and its cells by column, trimmed."""

    table: "Table"
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell's text; empty when the file has no such column."""
        return self.cells.get(column, "")

    def fault(self, sentence: str) -> None:
        """Keep a sentence about the row, with file and line."""
        self.table.faults.sentences.append(f"{self.table.name}, line {self.line}: {sentence}")

    def number(self, column: str, default: float = math.nan, *, least: float = -math.inf) -> float:
        """A finite number, the default for an empty cell. Notes a fault and answers the default otherwise."""
        text = self.text(column)
        if not text and not math.isnan(default):
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.fault(f"{column} is “{text}”; write a number as 1234.5.")
        elif value < least:
            self.fault(f"{column} is {text}; it must be {least:g} or more.")
        else:
            return value
        return 0.0 if math.isnan(default) else default

    def several(self, column: str) -> tuple[str, ...]:
        """Names with semicolons between them."""
        return tuple(one.strip() for one in self.text(column).split(";") if one.strip())

    def choice(self, column: str) -> bool:
        """yes or no, no for an empty cell."""
        text = self.text(column).lower()
        if text not in YES | NO:
            self.fault(f"{column} is “{self.text(column)}”; write yes or no.")
        return text in YES


YES, NO = {"yes", "true", "1", "y"}, {"no", "false", "0", "n", ""}


@dataclass(frozen=True)
class Table:
    """A file's columns, in small letters, and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: Faults

    def has(self, *columns: str) -> bool:
        """Whether the file has all of the columns."""
        return all(column in self.columns for column in columns)

    def need(self, *columns: str) -> None:
        """Raises BadTable when a column is missing."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            has = ", ".join(self.columns) or "nothing"
            raise BadTable(f"{self.name}, line 1: the column {missing[0]} is missing. The columns are {has}.")

    def keyed(self, column: str) -> dict[str, Row]:
        """The rows by the name in a column; notes empty names and names that come twice."""
        found: dict[str, Row] = {}
        for row in self.rows:
            name = row.text(column)
            if not name:
                row.fault(f"{column} is empty.")
            elif name in found:
                row.fault(f"{column} {name} stands in line {found[name].line} already. Keep one of them.")
            else:
                found[name] = row
        return found


def read_table(
    path: Path, faults: Faults, *, fold: Callable[[str], str] = str.lower, needs_rows: bool = True
) -> Table:
    """Read a file. Notes rows with too few cells; raises BadTable when it cannot be read or has no rows."""
    try:
        return table_of(path.name, path.read_bytes(), faults, fold=fold, needs_rows=needs_rows)
    except OSError as error:
        raise BadTable(f"{path.name} cannot be read: {error.strerror}.") from error


def table_of(
    name: str,
    data: bytes,
    faults: Faults,
    *,
    fold: Callable[[str], str] = str.lower,
    needs_rows: bool = True,
) -> Table:
    """The table in a file's bytes, as `read_table`."""
    text = _text(name, data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[Row] = []
    try:
        head = tuple(fold(column.strip()) for column in next(reader, []))
        table = Table(name, head, (), faults)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(table, reader.line_num, _cells(head, cells)))
                if len(cells) < len(head):
                    rows[-1].fault(f"there are {len(cells)} cells for {len(head)} columns.")
    except csv.Error as error:
        raise BadTable(f"{name}, line {reader.line_num}: {error}.") from error
    if twice := sorted({one for one in head if one and head.count(one) > 1}):
        raise BadTable(f"{name}, line 1: the column {twice[0]} stands there twice.")
    if not any(head):
        raise BadTable(f"{name} is empty. Its first line names the columns.")
    if not rows and needs_rows:
        raise BadTable(f"{name} has no rows below its head.")
    return Table(name, head, tuple(rows), faults)


def _delimiter(text: str) -> str:
    """What stands most often between the names of the columns: a comma, a semicolon, a tab or a bar."""
    head = text.split("\n", 1)[0]
    return max(DELIMITERS, key=head.count)


def _cells(head: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(head, cells, strict=False)}


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable(f"{name} is not UTF-8 text. Save it as CSV in UTF-8.") from error
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise BadTable(f"{name}, line {line}: there is a NUL character. Save it as CSV in UTF-8 anew.")
    return text
