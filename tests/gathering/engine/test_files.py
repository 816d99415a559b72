"""Every way in which a file can be odd, read or refused with a sentence."""

import io
import zipfile

import pytest
import xlsxwriter

from gathering.datasets import DATASETS
from gathering.engine.faults import FileFault
from gathering.engine.opening import open_rows
from gathering.engine.profile import Profile
from gathering.engine.profile_text import parse_profile
from gathering.engine.shaping import Shaped, Shaper


def read(data: bytes | str, definition: str = "", dataset: str = "units") -> list[Shaped]:
    """All chunks of a file, shaped."""
    content = data.encode() if isinstance(data, str) else data
    profile = parse_profile(definition, DATASETS[dataset])
    opened = open_rows(io.BytesIO(content), profile)
    shaper = Shaper(DATASETS[dataset], profile, opened.header, [])
    return [shaper.shape(chunk) for chunk in opened.chunks]


def good(data: bytes | str, definition: str = "") -> list[tuple[int, str, str]]:
    """(row, code, name) of the good rows."""
    return [
        (int(row), code, name)
        for part in read(data, definition)
        for row, code, name in zip(
            part.rows, part.columns["code"].to_pylist(), part.columns["name"].to_pylist(), strict=True
        )
    ]


def problems(data: bytes | str, definition: str = "", dataset: str = "units") -> list[tuple[int, str]]:
    """(row, problem) of every problem."""
    found = [p for part in read(data, definition, dataset) for p in part.problems]
    return sorted((p.row, p.problem) for p in found)


TEXT = "code,name\nPC,Stück\nKG,Kilo\n"
BOTH = [(2, "PC", "Stück"), (3, "KG", "Kilo")]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "|").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.replace("code", " Code ").encode(),
    ],
)
def test_encoding_delimiter_and_line_ends_are_found_out(data: bytes) -> None:
    assert good(data) == BOTH


def test_windows_encoding_is_read_when_the_profile_says_so() -> None:
    assert good(TEXT.encode("cp1252"), "encoding: cp1252") == BOTH


def test_a_byte_that_is_not_utf_8_is_refused_with_its_line_and_never_replaced() -> None:
    with pytest.raises(FileFault, match=r"Line 2: the byte 0xfc is not UTF-8.*encoding: cp1252"):
        read(TEXT.encode("cp1252"))


def test_line_ends_may_be_mixed() -> None:
    assert good("code,name\rA,a\r\nB,b\nC,c") == [(2, "A", "a"), (3, "B", "b"), (4, "C", "c")]


def test_quotes_delimiters_and_newlines_inside_quotes_belong_to_the_cell() -> None:
    assert good('code,name\nA,"x ""y"", z\nand more"\nB,b\n') == [
        (2, "A", 'x "y", z\nand more'),
        (3, "B", "b"),
    ]


def test_ragged_rows_are_rejected_as_they_stood_with_their_row_number() -> None:
    parts = read("code,name\nA\nB,b\nC,Acme, Inc\n\nD,d\n")

    assert [row for part in parts for row in part.rows] == [3, 6]
    assert sorted(row for part in parts for row in part.rejected) == [(2, ["A"]), (4, ["C", "Acme", " Inc"])]
    assert problems("code,name\nC,Acme, Inc\n") == [(2, "The row has 3 cells, the header 2.")]


def test_surplus_cells_may_be_joined_back_into_a_column() -> None:
    assert good("code,name\nC,Acme, Inc\n", "surplus_into: name") == [(2, "C", "Acme, Inc")]


def test_junk_above_the_header_is_skipped() -> None:
    assert good("Report of May\n\nby,ERP\ncode,name,x\nA,a,1\nB,b,2\nC,c,3\n")[0] == (5, "A", "a")


def test_the_profile_may_say_where_the_header_is_or_name_the_columns() -> None:
    assert good("a,b,c\ncode,name,z\nA,a,1\n", "header_row: 2") == [(3, "A", "a")]
    assert good("A,a\nB,b\n", "header_row: 0\nheader: [code, name]") == [(1, "A", "a"), (2, "B", "b")]


def test_a_header_that_names_a_column_twice_is_refused() -> None:
    with pytest.raises(FileFault, match=r"Row 1: the header has “name” twice"):
        read("code,name,name\nA,a,b\n")


def test_a_delimiter_of_several_characters_is_read() -> None:
    assert good("code+|name\nA+|a, b\n", 'delimiter: "+|"') == [(2, "A", "a, b")]


def test_quotes_may_be_plain_characters() -> None:
    assert good('code|name\nA|5" pipe\n', "quote: none") == [(2, "A", '5" pipe')]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"  \n \n", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "This is a PNG picture"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"\x1f\x8b\x08 ...", "gzip archive"),
        (bytes(range(256)) * 50, "not a text file"),
        (b"code,name\n" + b"A," + b'"never closed\n' + b"x,y\n" * 6_000_000, "never closed"),
        (b"name\nx\n", "No column is matched to “Unit code”"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(FileFault, match=sentence):
        read(data)


def test_a_nul_in_a_cell_rejects_the_row_only() -> None:
    assert problems(b"code,name\nA,a\x00b\nB,b\n") == [(2, "Name holds a NUL character.")]


def test_a_huge_cell_rejects_the_row_only() -> None:
    data = "code,name\nA," + "x" * 2_000_000 + "\nB,b\n"

    assert problems(data) == [(2, "Name is longer than 200 characters.")]
    assert good(data) == [(3, "B", "b")]


def test_a_repeated_header_and_a_totals_row_are_named_as_such() -> None:
    text = "site,product,day,quantity\nS,P,2024-01-31,5\nsite,product,day,quantity\nTotal,,,5\n"

    assert problems(text, dataset="stock") == [
        (3, "This row repeats the header."),
        (4, "This looks like a totals row."),
    ]


def test_every_problem_of_a_row_is_told_at_once_with_column_value_and_advice() -> None:
    text = "Site,Product,When,Qty\n,P,03/05/2024,many\n"
    definition = "columns: {site: Site, product: Product, day: When, quantity: Qty}"

    found = [p for part in read(text, definition, "stock") for p in part.problems]

    assert {(p.column, p.value, p.problem) for p in found} == {
        ("Site", "", "Site is missing."),
        ("When", "03/05/2024", "Day may be day/month or month/day."),
        ("Qty", "many", "Quantity is not a number."),
    }
    assert all(p.advice for p in found)


def test_empty_markers_are_no_values() -> None:
    text = (
        "site,product,day,quantity,value\nS,P,2024-01-31,1,-\nS,P,2024-01-31,1,N/A\nS,P,2024-01-31,1,none\n"
    )
    parts = read(text, "empty: [none]", "stock")

    assert parts[0].columns["value"].to_pylist() == [None, None, None]


def test_values_constants_defaults_joined_columns_and_filters() -> None:
    text = "Kind,A,B,Day,Price\nC,P,1,2024-01-05,2\nI,P,,2024-01-05,3\nX,P,3,2024-01-05,4\n"
    definition = """
        columns:
          product: {columns: [A, B], join: "-"}
          market: {constant: M1}
          day: Day
          quantity: {constant: "1"}
          kind: {column: Kind, values: {C: return, I: sale}}
          unit_price: {column: Price, factor: 1.5}
        drop:
          - {column: Kind, is: X}
    """
    part = read(text, definition, "sales")[0]

    assert part.columns["product"].to_pylist() == ["P-1", "P"]
    assert part.columns["market"].to_pylist() == ["M1", "M1"]
    assert part.columns["kind"].to_pylist() == ["return", "sale"]
    assert [float(price) for price in part.columns["unit_price"].to_pylist()] == [3.0, 4.5]
    assert part.skipped == {"drop: Kind is X": 1}


def workbook(*rows: list[object], sheet: str = "Data") -> bytes:
    """An XLSX file of one sheet; dates are real dates."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    page = book.add_worksheet(sheet)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(number, column, cell, day if hasattr(cell, "year") else None)
    book.close()
    return data.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))

    with pytest.raises(FileFault, match="possible ZIP bomb"):
        open_rows(io.BytesIO(data.getvalue()), Profile())


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("lines.csv", "a,b")

    with pytest.raises(FileFault, match="ZIP archive, not an XLSX"):
        open_rows(io.BytesIO(data.getvalue()), Profile())


def test_a_damaged_workbook_is_refused() -> None:
    with pytest.raises(FileFault, match="damaged"):
        open_rows(io.BytesIO(workbook(["code", "name"])[:400]), Profile())
