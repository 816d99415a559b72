"""Bytes → UTF-8. Nothing is replaced silently: a byte that does not fit is a fault with its line."""

import codecs
import io
import re
import sys
from typing import IO

from gathering.engine.faults import FileFault
from gathering.engine.profile import AUTO

HEAD = 1 << 16
BLOCK = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
KNOWN_JUNK = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls): save it as .xlsx"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it first"),
)


def encoding_of(head: bytes, wanted: str) -> str:
    """The encoding to read with: the profile's, or a byte order mark's, or UTF-8.

    Raises FileFault for an unknown encoding and for what is no text at all.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    if wanted != AUTO:
        return _known(wanted)
    _refuse_junk(head)
    if guessed := _utf_16_without_mark(head):
        return guessed
    return "utf-8"


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise FileFault(f"“{name}” is no known encoding. Use utf-8, utf-16, cp1252 or latin-1.") from error


def _utf_16_without_mark(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.05 * half else ""


def _refuse_junk(head: bytes) -> None:
    for start, what in KNOWN_JUNK:
        if head.startswith(start):
            raise FileFault(f"This is {what}. Import a CSV, PSV, TSV or XLSX file.")
    if not _utf_16_without_mark(head) and len(CONTROL.findall(head)) > max(8, len(head) // 50):
        raise FileFault("This is not a text file: it is full of control bytes. Import CSV, PSV, TSV or XLSX.")


class Utf8Stream(io.RawIOBase):
    """A readable stream of UTF-8 over a file in any encoding, without a byte order mark."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self.file, self.encoding = file, encoding
        self.decoder = codecs.getincrementaldecoder(encoding)("strict")
        self.lines, self.waiting, self.ended = 1, b"", False

    def readable(self) -> bool:
        """Always: io.BufferedReader asks before it reads."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer from the start; how many bytes it took, 0 at the end."""
        given = self.read(len(buffer))
        buffer[: len(given)] = given
        return len(given)

    def read(self, size: int = -1) -> bytes:
        """As many bytes as asked for, less only at the end: short reads would mean small chunks."""
        parts: list[bytes] = []
        missing = size if size >= 0 else sys.maxsize
        while missing and (self.waiting or not self.ended):
            if not self.waiting:
                self._fill()
            part, self.waiting = self.waiting[:missing], self.waiting[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _fill(self) -> None:
        block = self.file.read(BLOCK)
        self.ended = not block
        try:
            text = self.decoder.decode(block, final=self.ended)
        except UnicodeDecodeError as error:
            raise FileFault(self._sentence(error)) from error
        self.lines += block.count(b"\n")
        self.waiting = text.encode()

    def _sentence(self, error: UnicodeDecodeError) -> str:
        line = self.lines + error.object[: error.start].count(b"\n")
        byte = error.object[error.start]
        return (
            f"Line {line}: the byte 0x{byte:02x} is not {self.encoding.upper()}. Say in the profile how the "
            "file is written, for example “encoding: cp1252” for Windows programs."
        )
