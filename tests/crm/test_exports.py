"""A CRM's export: read as CRMs write it, its columns guessed, its numbers and days made plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.engine.exports import (
    DayOrder,
    NoExport,
    plain_day,
    plain_number,
    read_export,
    suggested_columns,
)


def test_columns_are_guessed_by_their_headings() -> None:
    headings = ("Record ID", "Deal Name", "Deal Stage", "Amount", "Deal owner", "Close Date", "Colour")
    assert suggested_columns(headings) == {
        "external_id": "Record ID",
        "name": "Deal Name",
        "stage": "Deal Stage",
        "amount": "Amount",
        "owner": "Deal owner",
        "expected_close": "Close Date",
    }
    assert suggested_columns(("Deal - ID", "Deal - Title", "Deal - Value"))["amount"] == "Deal - Value"


@pytest.mark.parametrize(
    "content",
    [
        "ID;Name\n1;Zürich\n".encode("utf-8-sig"),
        "ID\tName\n1\tZürich\n".encode("utf-16"),
        "ID,Name\r\n1,Zürich\r\n".encode("cp1252"),
        'ID|Name\n1|"Zürich"\n'.encode(),
    ],
)
def test_files_are_read_as_crms_write_them(content: bytes) -> None:
    export = read_export(content)
    assert (export.headings, export.rows) == (("ID", "Name"), ((2, ("1", "Zürich")),))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"ID,Name\n", "no deals"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"ID,Name\n\x00,\x00\n", "no text"),
        (b'ID,Name\n1,"never closed\n', "not CSV"),
    ],
)
def test_what_is_no_export_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(NoExport, match=says):
        read_export(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_an_export_or_refused(content: bytes) -> None:
    try:
        assert len(read_export(content).rows) > 0
    except NoExport as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234.50", "1234.50"),
        ("€ 1.234,50", "1234.50"),
        ("$12,000", "12000"),
        ("12.5", "12.5"),
        ("3,5", "3.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("-7", "-7"),
        ("", ""),
        ("1 234,50 EUR", "1234.50"),
        ("USD 7", "7"),
        ("much", "much"),
        ("12 or so", "12 or so"),
    ],
)
def test_numbers_are_read_with_either_sign_between_thousands(text: str, plain: str) -> None:
    assert plain_number(text) == plain


@pytest.mark.parametrize(
    ("text", "order", "plain"),
    [
        ("2026-11-30", DayOrder.ISO, "2026-11-30"),
        ("2026/11/30", DayOrder.ISO, "2026-11-30"),
        ("30.11.2026", DayOrder.ISO, "2026-11-30"),
        ("3/4/2026", DayOrder.DAY_FIRST, "2026-04-03"),
        ("3/4/2026", DayOrder.MONTH_FIRST, "2026-03-04"),
        ("11/30/2026 10:15", DayOrder.MONTH_FIRST, "2026-11-30"),
    ],
)
def test_days_are_read_as_the_person_says(text: str, order: DayOrder, plain: str) -> None:
    assert plain_day(text, order) == plain


def test_a_day_that_reads_in_two_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="two ways"):
        plain_day("3/4/2026", DayOrder.ISO)
