"""XLSX: typed cells, real dates, junk above the header."""

import datetime as dt
import io

import pytest

from gathering.datasets import DATASETS
from gathering.engine.faults import FileFault
from gathering.engine.opening import open_rows
from gathering.engine.profile import Profile
from tests.gathering.engine.test_files import good, problems, read, workbook

STOCK_HEADER = ["site", "product", "day", "quantity", "value"]


def test_dates_and_numbers_keep_their_meaning() -> None:
    data = workbook(STOCK_HEADER, ["S", 4711, dt.date(2024, 3, 5), 2, 1234.5])

    columns = read(data, dataset="stock")[0].columns

    assert [columns[name][0].as_py() for name in STOCK_HEADER] == ["S", "4711", "2024-03-05", "2", "1234.5"]


def test_a_decimal_comma_in_the_profile_does_not_spoil_real_numbers() -> None:
    data = workbook(
        STOCK_HEADER, ["S", "P", dt.date(2024, 3, 5), 2, 1234.5], ["S", "P", "05.03.2024", 2, "1.234,5"]
    )

    columns = read(data, "decimal: ','\ndate_format: DMY", "stock")[0].columns

    assert [float(text) for text in columns["value"].to_pylist()] == [1234.5, 1234.5]
    assert columns["day"].to_pylist() == ["2024-03-05", "2024-03-05"]


def test_junk_rows_above_the_header_are_skipped_and_rows_keep_excels_numbers() -> None:
    data = workbook(["Units of the company"], [], ["code", "name"], ["A", "a"], [], ["B", "b"])

    assert good(data) == [(4, "A", "a"), (6, "B", "b")]


def test_a_cell_beyond_the_header_rejects_its_row() -> None:
    data = workbook(["code", "name"], ["A", "a"], ["B", "b", "surplus"])

    assert problems(data) == [(3, "The row has 3 cells, the header 2.")]


def test_an_absent_sheet_is_named_with_those_there_are() -> None:
    with pytest.raises(FileFault, match=r"no sheet “Other”\. It has: Data"):
        open_rows(io.BytesIO(workbook(["code", "name"])), Profile(sheet="Other"))


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(FileFault, match="The sheet is empty"):
        open_rows(io.BytesIO(workbook()), Profile())


def test_the_suggested_columns_are_found_in_a_workbook_too() -> None:
    opened = open_rows(io.BytesIO(workbook(["SKU", "Description"], ["A", "a"])), Profile())

    assert opened.header == ["SKU", "Description"]
    assert DATASETS["products"].field("code").aliases[0] == "sku"
