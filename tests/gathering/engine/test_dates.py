"""Dates as files write them: read one way only, or not at all."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gathering.engine.dates import day_of, is_ambiguous, month_in, month_of, parse_dates, parse_months
from gathering.engine.profile_text import DATE_WORDS

DAYS = st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2068, 12, 31))


@pytest.mark.parametrize("text", ["2024-03-05", "2024/03/05", "5 Mar 2024", "March 5, 2024", "05-Mar-2024"])
def test_a_date_that_can_only_be_read_one_way_needs_no_format(text: str) -> None:
    assert day_of(text) == dt.date(2024, 3, 5)


@pytest.mark.parametrize("text", ["03/05/2024", "3.5.2024", "13/05/2024", "5-3-24"])
def test_day_and_month_are_never_guessed(text: str) -> None:
    assert day_of(text) is None
    assert is_ambiguous(text)


@pytest.mark.parametrize(("word", "expected"), [("DMY", dt.date(2024, 5, 3)), ("MDY", dt.date(2024, 3, 5))])
def test_the_profile_says_which_comes_first(word: str, expected: dt.date) -> None:
    assert day_of("03/05/2024", DATE_WORDS[word]) == expected


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%Y%m%d", "%Y-%m-%d"]))
def test_every_day_survives_its_format(day: dt.date, pattern: str) -> None:
    assert day_of(day.strftime(pattern), (pattern,)) == day


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2024-13-01", "1066-10-14", "31/02/2024", "yesterday", "20240305"]
)
def test_a_day_that_does_not_exist_or_has_no_format_is_refused(text: str) -> None:
    assert day_of(text, DATE_WORDS["DMY"]) is None


def test_the_time_of_day_is_left_out() -> None:
    cells = pa.array(["2024-03-05T13:22:11Z", "2024-03-05 00:00:00.000", "2024-03-05", None, "5 o'clock"])

    days, bad = parse_dates(cells, ())

    assert days.to_pylist() == ["2024-03-05"] * 3 + [None, None]
    assert bad.tolist() == [False] * 4 + [True]


def test_excel_counts_days_from_1899() -> None:
    assert day_of("45356", ("excel",)) == dt.date(2024, 3, 5)
    assert day_of("45356") is None


@pytest.mark.parametrize("text", ["2024-03", "2024/03", "Mar 2024", "03/2024", "2024M03", "2024-03-17"])
def test_a_month_is_its_first_day(text: str) -> None:
    assert month_of(text) == dt.date(2024, 3, 1)


def test_month_numbers_and_names_need_a_year() -> None:
    assert [month_in(text, 2026) for text in ("1", "12", "13", "0", "Mar", "x")] == [
        dt.date(2026, 1, 1),
        dt.date(2026, 12, 1),
        None,
        None,
        dt.date(2026, 3, 1),
        None,
    ]


@given(st.lists(st.one_of(st.none(), st.text(max_size=10)), max_size=20))
def test_no_text_breaks_the_parser(texts: list[str | None]) -> None:
    days, bad = parse_months(pa.array(texts, pa.string()), (), None)

    assert len(days) == len(bad) == len(texts)
