"""How numbers are written on pages and into fields."""

from decimal import Decimal

import pytest

from core.formats import typed


@pytest.mark.parametrize(
    ("value", "text"),
    [("120.0000", "120"), ("1E+3", "1000"), ("0.50", "0.5"), ("-40", "-40"), ("0.0000", "0")],
)
def test_a_number_in_a_field_is_written_as_people_type_it(value: str, text: str) -> None:
    assert typed(Decimal(value)) == text


def test_no_number_leaves_the_field_empty() -> None:
    assert typed(None) == ""
