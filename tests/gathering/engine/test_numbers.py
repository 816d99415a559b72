"""Numbers as people write them."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gathering.engine.numbers import add_up, canonical, parse_numbers

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("$1,234.50", "1234.50"),
        ("-$1,234.50", "-1234.50"),
        ("$-3", "-3"),
        ("(12.00)", "-12.00"),
        ("($12.00)", "-12.00"),
        ("12-", "-12"),
        ("−7", "-7"),
        ("+7", "7"),
        ("1 234 567", "1234567"),
        ("1\u00a0234,5".replace(",", "."), "1234.5"),
        ("1'234", "1234"),
        ("15%", "0.15"),
        ("EUR 12.50", "12.50"),
        ("12.50 €", "12.50"),
        (".5", "0.5"),
        ("1.5e3", "1500"),
    ],
)
def test_a_number_is_read_whatever_stands_around_it(text: str, value: str) -> None:
    assert Decimal(canonical(text) or "NaN") == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1.234,50", "1,23", "12,34,567", "abc", "--", "1..2", "$", "1,2345", "٣", "1e999"]
)
def test_what_is_no_number_in_this_style_is_refused(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize(("text", "value"), [("1.234,50", "1234.50"), ("12,5", "12.5"), ("€ 1.000", "1000")])
def test_a_decimal_comma_is_read_when_the_profile_says_so(text: str, value: str) -> None:
    assert canonical(text, ",") == value


@given(AMOUNTS)
def test_an_amount_survives_both_styles_to_the_last_place(amount: Decimal) -> None:
    english = f"{amount:,.4f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert Decimal(canonical(english, ".") or "NaN") == amount
    assert Decimal(canonical(german, ",") or "NaN") == amount


@given(st.lists(AMOUNTS, min_size=1, max_size=30))
def test_a_column_keeps_every_value_exactly(amounts: list[Decimal]) -> None:
    cells = pa.array([f"{amount:,.4f}" for amount in amounts])

    read, bad = parse_numbers(cells, ".", None)

    assert not bad.any()
    assert [Decimal(text) for text in read.to_pylist()] == amounts


@given(st.text(max_size=12))
def test_no_text_breaks_the_parser(text: str) -> None:
    for decimal in (".", ","):
        found = canonical(text.strip(), decimal)
        assert found is None or Decimal(found).is_finite()


def test_only_the_bad_cells_of_a_column_are_marked() -> None:
    read, bad = parse_numbers(pa.array(["1", "x", None, "$2"]), ".", None)

    assert bad.tolist() == [False, True, False, False]
    assert read.to_pylist() == ["1", None, None, "2"]


def test_a_factor_is_applied_exactly() -> None:
    read, _ = parse_numbers(pa.array(["0.1", None, "3"]), ".", Decimal("12"))

    assert [Decimal(text) if text else None for text in read.to_pylist()] == [
        Decimal("1.2"),
        None,
        Decimal(36),
    ]


def test_columns_are_added_up_and_empty_ones_count_as_nothing() -> None:
    summed = add_up([pa.array(["0.1", None, None]), pa.array(["0.2", "5", None])])

    assert summed.to_pylist() == ["0.3", "5", None]
