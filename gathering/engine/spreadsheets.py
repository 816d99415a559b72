"""XLSX, opened only when it cannot blow up the memory. Cells come as text, dates as YYYY-MM-DD."""

import datetime as dt
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook

from gathering.engine.chunks import Chunk, chunks_of_rows
from gathering.engine.delimited import checked_header
from gathering.engine.faults import FileFault
from gathering.engine.profile import Profile

MOST_BYTES = 1 << 30
MOST_RATIO = 200
SMALL = 10 << 20
MOST_FILES = 5_000


def is_spreadsheet(file: IO[bytes]) -> bool:
    """Whether the file is a ZIP archive, as every XLSX is."""
    file.seek(0)
    return file.read(4) == b"PK\x03\x04"


def refuse_bomb(file: IO[bytes]) -> None:
    """Raise FileFault unless the archive is a workbook of a believable size."""
    try:
        file.seek(0)
        entries = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileFault("This XLSX file is damaged. Save it again in Excel.") from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise FileFault("This is a ZIP archive, not an XLSX workbook. Unpack it and import the file inside.")
    size, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    too_dense = size > SMALL and size > MOST_RATIO * max(packed, 1)
    if size > MOST_BYTES or too_dense or len(entries) > MOST_FILES:
        raise FileFault(
            f"This XLSX unpacks to {size >> 20} MB and is refused as a possible ZIP bomb. "
            "Save the sheet as CSV and import that."
        )


class Sheet:
    """One sheet of a workbook, its header found."""

    def __init__(self, file: IO[bytes], profile: Profile) -> None:
        refuse_bomb(file)
        file.seek(0)
        self.decimal = profile.decimal
        self.sheet = _sheet(file, profile.sheet)
        first = self._first_rows()
        self.header, self.above = _header(first, profile)

    def _first_rows(self) -> list[list[str]]:
        rows = []
        for number, row in enumerate(self.sheet.iter_rows()):
            rows.append([as_text(cell, self.decimal) for cell in row])
            if number == 50:
                break
        return rows

    def chunks(self) -> Iterator[Chunk]:
        """The rows below the header, in chunks."""
        return chunks_of_rows(self.header, self._rows())

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        start = self.sheet.start[0] if self.sheet.start else 0
        width = len(self.header)
        for number, row in enumerate(self.sheet.iter_rows(), start=1):
            cells = [as_text(cell, self.decimal) for cell in row]
            if number > self.above and any(cells):
                surplus = any(cells[width:])
                yield number + start, cells if surplus else (cells + [""] * width)[:width]


def _sheet(file: IO[bytes], wanted: str) -> Any:
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        if wanted and wanted not in names:
            found = ", ".join(names)
            raise FileFault(f"The workbook has no sheet “{wanted}”. It has: {found}. Set “sheet:”.")
        return book.get_sheet_by_name(wanted or names[0])
    except CalamineError as error:
        raise FileFault(f"This XLSX file is damaged ({error}). Save it again in Excel.") from error


def _header(rows: list[list[str]], profile: Profile) -> tuple[list[str], int]:
    if profile.header_row == 0 or (profile.header and profile.header_row is None):
        return list(profile.header), 0
    filled = [_width(row) for row in rows if any(row)]
    if not filled:
        raise FileFault("The sheet is empty. Choose another one with “sheet:” in the profile.")
    usual = max(Counter(filled).items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))[0]
    position = profile.header_row - 1 if profile.header_row else _first_wide(rows, usual)
    if position >= len(rows):
        raise FileFault(f"The header should be in row {position + 1}, but the sheet has fewer rows.")
    names = list(profile.header) or [cell.strip() for cell in rows[position]]
    return checked_header(names, position + 1), position + 1


def _width(row: list[str]) -> int:
    return sum(1 for cell in row if cell)


def _first_wide(rows: list[list[str]], usual: int) -> int:
    return next(position for position, row in enumerate(rows) if _width(row) >= usual)


def as_text(cell: Any, decimal: str = ".") -> str:
    """A cell as the profile's own style would write it, so that one parser reads every file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        text = repr(int(cell)) if float(cell).is_integer() else repr(cell)
        return text.replace(".", decimal)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)
