"""A CRM's export of its deals: CSV read into rows, columns guessed, values made plain. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

DELIMITERS = ",;\t|"
MOST_ROWS = 500_000
MOST_COLUMNS = 500
KEY = "external_id"
DAYS = frozenset({"created", "expected_close", "closed"})

# Headings of the exports of HubSpot, Salesforce, Pipedrive, Close and Zoho, folded by `_folded`.
HEADINGS: dict[str, tuple[str, ...]] = {
    KEY: (
        *("external id", "record id", "deal id", "opportunity id", "deal record id", "id", "record id 18"),
        "opportunity id 18",
    ),
    "name": ("name", "deal name", "opportunity name", "deal title", "title"),
    "stage": ("stage", "deal stage", "opportunity stage", "deal status label", "status label"),
    "amount": ("amount", "deal value", "value", "deal amount", "amount in company currency"),
    "currency": ("currency", "deal currency", "currency code", "currency iso code", "currency of value"),
    "owner": ("owner", "deal owner", "opportunity owner", "owner email", "owner id", "user"),
    "account": (
        *("account", "account name", "account id", "company", "associated company", "organization"),
        *("organisation", "deal organization", "company name"),
    ),
    "product": ("product", "product code", "product name", "sku"),
    "pipeline": ("pipeline", "deal pipeline"),
    "probability": ("probability", "deal probability", "probability %", "win probability"),
    "created": ("created", "create date", "created date", "created at", "deal created", "created time"),
    "expected_close": (
        *("expected close", "expected close date", "close date", "closing date", "deal expected close date"),
        "close date expected",
    ),
    "closed": ("closed", "closed at", "closed date", "won time", "date won", "deal closed on"),
    "next_step": ("next step", "next steps"),
    "lost_reason": ("lost reason", "closed lost reason", "loss reason", "deal lost reason"),
}
LABELS = {
    KEY: "Deal's id in the CRM",
    "name": "Name",
    "stage": "Stage",
    "amount": "Amount",
    "currency": "Currency",
    "owner": "Owner",
    "account": "Account",
    "product": "Product",
    "pipeline": "Pipeline",
    "probability": "Probability",
    "created": "Created",
    "expected_close": "Expected close",
    "closed": "Closed",
    "next_step": "Next step",
    "lost_reason": "Lost reason",
}


class DayOrder(StrEnum):
    """How days with slashes are written; ISO and days with dots need no telling."""

    ISO = "iso"
    DAY_FIRST = "day"
    MONTH_FIRST = "month"


class NoExport(ValueError):
    """The file is no export that can be compared; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Export:
    """The headings, and each row's line number with its cells."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_export(content: bytes) -> Export:
    """The rows of a CSV file in UTF-8, UTF-16 or Windows-1252. Raises NoExport."""
    text = _decoded(content)
    if not text.strip():
        raise NoExport("The file is empty. Export the deals again.")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        rows = [(lines.line_num, tuple(cell.strip() for cell in row)) for row in lines if any(row)]
    except csv.Error as error:
        raise NoExport(
            f"The file is not CSV near line {lines.line_num} ({error}). Export it again."
        ) from error
    if len(rows) < 2:
        raise NoExport("The file has a heading but no deals. Export the deals again.")
    if len(rows) > MOST_ROWS:
        raise NoExport(f"The file has more than {MOST_ROWS:,} deals. Split it and compare the parts.")
    headings = rows[0][1]
    if len(headings) > MOST_COLUMNS:
        raise NoExport(f"The file has more than {MOST_COLUMNS} columns. Export fewer of them.")
    return Export(headings, tuple(rows[1:]))


def suggested_columns(headings: Iterable[str]) -> dict[str, str]:
    """Our field → the heading that usually holds it; only what is certain by its name."""
    by_name: dict[str, str] = {}
    for heading in headings:
        by_name.setdefault(_folded(heading), heading)
    found = {
        field: next((by_name[name] for name in names if name in by_name), "")
        for field, names in HEADINGS.items()
    }
    return {field: heading for field, heading in found.items() if heading}


def deal_key(cells: tuple[str, ...], places: Mapping[str, int]) -> str:
    """The deal's id in the CRM. Raises ValueError where there is none."""
    key = _cell(cells, places[KEY])
    if not key or len(key) > 200:
        raise ValueError("the deal's id is missing")
    return key


def deal_fields(cells: tuple[str, ...], places: Mapping[str, int], order: DayOrder) -> dict[str, str]:
    """The deal's fields in plain text. Raises ValueError with what is unreadable."""
    named = {name: _cell(cells, place) for name, place in places.items() if name != KEY}
    return {name: _plain(name, text, order) for name, text in named.items()}


def _cell(cells: tuple[str, ...], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def places_of(headings: tuple[str, ...], columns: Mapping[str, str]) -> dict[str, int]:
    """Our field → the column's number. Raises NoExport for a heading that the file does not have."""
    missing = [heading for heading in columns.values() if heading not in headings]
    if missing:
        raise NoExport(f"The file has no column “{missing[0]}”. Choose one of its own columns.")
    return {name: headings.index(heading) for name, heading in columns.items()}


def _plain(name: str, text: str, order: DayOrder) -> str:
    if name == "amount":
        return plain_number(text)
    if name == "probability":
        return plain_number(text.rstrip(" %"))
    return plain_day(text, order) if name in DAYS else text


def plain_number(text: str) -> str:
    """A number without thousands and currency signs, the point before decimals: € 1.234,50 → 1234.50.

    What is no number stays as it is, for whoever reads it to refuse.
    """
    kept = re.sub(r"^[A-Z]{3}\b|\b[A-Z]{3}$|[\s'’$€£¥]", "", text)
    if not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", kept):
        return text
    comma, point = kept.rfind(","), kept.rfind(".")
    if comma > point and (kept.count(",") > 1 or (point < 0 and re.search(r",\d{3}$", kept))):
        return kept.replace(",", "")
    if comma > point:
        return kept.replace(".", "").replace(",", ".")
    if kept.count(".") > 1:
        return kept.replace(".", "")
    return kept.replace(",", "")


def plain_day(text: str, order: DayOrder) -> str:
    """A day or moment as ISO text; 20.11.2026 is day first, slashes are read as told."""
    found = re.match(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ ,T].*)?$", text)
    if found is None:
        return text.replace("/", "-") if re.match(r"^\d{4}/\d\d/\d\d$", text) else text
    one, sign, two, year = found.groups()
    if sign != "." and order is DayOrder.ISO:
        raise ValueError(f"{text!r} can be read in two ways: say how days are written")
    day, month = (two, one) if order is DayOrder.MONTH_FIRST and sign != "." else (one, two)
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    elif content[:4] == b"PK\x03\x04":
        raise NoExport("This is a spreadsheet. Save it as CSV and choose that file.")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise NoExport("The file is no text. Export the deals as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    first = text.lstrip().splitlines()[0]
    return max(DELIMITERS, key=first.count)


def _folded(heading: str) -> str:
    return re.sub(r"[\s_\-–:]+", " ", heading.split(" - ")[-1].strip().casefold()).strip()
