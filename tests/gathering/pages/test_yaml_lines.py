"""The line of a profile's key, for mistakes shown beside it."""

import pytest

from gathering.engine.yaml_lines import line_of

TEXT = """\
delimiter: ";"
columns:
  day: Date
  quantity:
    column: Qty
    factor: x
joins:
  - file: a.csv
    on: id
  - file: b.csv
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("delimiter", 1),
        ("columns.day", 3),
        ("columns.quantity.factor", 6),
        ("joins[1].on", 9),
        ("joins[2].file", 10),
    ],
)
def test_a_key_is_found_on_its_line(key: str, line: int) -> None:
    assert line_of(TEXT, key) == line


def test_a_missing_key_is_shown_at_its_parent() -> None:
    assert line_of(TEXT, "joins[2].on") == 10


def test_an_unknown_key_has_no_line() -> None:
    assert line_of(TEXT, "sheet") is None


def test_text_that_is_no_yaml_gives_the_line_where_it_breaks() -> None:
    assert line_of("columns:\n  day: [Date\n  x: y", "line 3") == 3


def test_an_empty_text_has_no_lines() -> None:
    assert line_of("", "columns.day") is None
