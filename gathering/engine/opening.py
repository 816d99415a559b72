"""Any file → its header and chunks of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from gathering.engine.chunks import Chunk
from gathering.engine.delimited import layout_of, read_delimited
from gathering.engine.faults import FileFault
from gathering.engine.mended import PROBLEM, ROW, mended_chunks
from gathering.engine.profile import Profile
from gathering.engine.spreadsheets import Sheet, is_spreadsheet


@dataclass(frozen=True)
class Opened:
    """A file that can be read. `chunks` may be walked once."""

    header: list[str]
    chunks: Iterator[Chunk]
    delimiter: str = ","
    encoding: str = "utf-8"
    header_row: int = 1


def open_rows(file: IO[bytes], profile: Profile) -> Opened:
    """Open a CSV, PSV, TSV or XLSX file as the profile says. Raises FileFault."""
    if is_spreadsheet(file):
        sheet = Sheet(file, profile)
        return Opened(sheet.header, sheet.chunks(), header_row=sheet.above)
    layout = layout_of(file, profile)
    if not layout.header:
        raise FileFault("The file has no header. Name the columns with “header: […]” in the profile.")
    chunks = read_delimited(file, layout)
    if profile.guarded and layout.header[:2] == [ROW, PROBLEM]:
        return Opened(layout.header[2:], mended_chunks(chunks))
    return Opened(layout.header, chunks, layout.delimiter, layout.encoding, layout.above)
