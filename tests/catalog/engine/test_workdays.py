"""Which days are worked: facts about real calendars, and what must hold for every calendar."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.engine.workdays import (
    DAY,
    UnknownPlace,
    WorkRule,
    days_of_month,
    holiday_on,
    is_workday,
    nth_workday,
    public_holidays,
    workdays_between,
    workdays_of_month,
)

WEEK = frozenset({1, 2, 3, 4, 5})
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
RULES = st.builds(
    WorkRule,
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    country=st.sampled_from(["", "DE", "FR", "US"]),
    exceptions=st.dictionaries(DAYS, st.booleans(), max_size=8),
)


def test_january_2027_in_france_has_twenty_workdays() -> None:
    assert len(workdays_of_month(WorkRule(WEEK, "FR"), dt.date(2027, 1, 1))) == 20


def test_a_public_holiday_is_free_and_has_a_name() -> None:
    rule = WorkRule(WEEK, "FR")

    assert not is_workday(rule, dt.date(2026, 7, 14))
    assert holiday_on(rule, dt.date(2026, 7, 14)) == "National Day"


def test_a_subdivision_adds_its_own_holidays() -> None:
    assert is_workday(WorkRule(WEEK, "DE"), dt.date(2026, 1, 6))
    assert not is_workday(WorkRule(WEEK, "DE", "BY"), dt.date(2026, 1, 6))


def test_a_calendar_without_a_country_knows_weekdays_only() -> None:
    assert is_workday(WorkRule(WEEK), dt.date(2026, 12, 25))


def test_an_exception_beats_the_holiday_and_the_weekday() -> None:
    saturday, christmas = dt.date(2026, 12, 19), dt.date(2026, 12, 25)
    rule = WorkRule(WEEK, "FR", exceptions={saturday: True, christmas: True, dt.date(2026, 12, 24): False})

    assert is_workday(rule, saturday)
    assert is_workday(rule, christmas)
    assert not is_workday(rule, dt.date(2026, 12, 24))


def test_the_third_workday_of_november_2026_in_france_is_the_fourth() -> None:
    assert nth_workday(WorkRule(WEEK, "FR"), dt.date(2026, 11, 15), 3) == dt.date(2026, 11, 4)


def test_workdays_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        nth_workday(WorkRule(WEEK), dt.date(2026, 1, 1), 0)


def test_a_calendar_that_never_works_has_no_first_workday() -> None:
    with pytest.raises(ValueError, match="no further workday"):
        nth_workday(WorkRule(frozenset()), dt.date(2026, 1, 1), 1)


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "ZZ")])
def test_an_unknown_place_is_named(country: str, subdivision: str) -> None:
    with pytest.raises(UnknownPlace, match=country):
        public_holidays(country, subdivision, 2026)


@settings(max_examples=50, deadline=None)
@given(RULES, DAYS, st.integers(1, 60))
def test_the_nth_workday_is_a_workday_and_the_nth(rule: WorkRule, month: dt.date, n: int) -> None:
    found = nth_workday(rule, month, n)

    assert is_workday(rule, found)
    assert workdays_between(rule, month.replace(day=1), found + DAY) == n


@settings(max_examples=50, deadline=None)
@given(RULES, DAYS, DAYS, DAYS)
def test_counts_over_neighbouring_ranges_add_up(rule: WorkRule, a: dt.date, b: dt.date, c: dt.date) -> None:
    first, middle, end = sorted([a, b, c])

    whole = workdays_between(rule, first, end)
    assert whole == workdays_between(rule, first, middle) + workdays_between(rule, middle, end)
    assert workdays_between(rule, end, first) == -whole


@settings(max_examples=50, deadline=None)
@given(RULES, DAYS)
def test_a_months_workdays_are_those_counted_between_its_ends(rule: WorkRule, month: dt.date) -> None:
    days = days_of_month(month)

    worked = workdays_of_month(rule, month)
    assert len(worked) == workdays_between(rule, days[0], days[-1] + DAY)
    assert set(worked) <= set(days)
