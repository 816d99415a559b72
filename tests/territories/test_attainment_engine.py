"""The engine of attainment: pace, forecast with its interval, spread over people, and the map."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.engine.attainment.distribution import LABELS, distribution
from territories.engine.attainment.forecast import (
    ONE_BY_ONE,
    Outlook,
    forecast,
    simulated,
    variance_of_open,
)
from territories.engine.attainment.pace import (
    Part,
    coverage_had,
    coverage_needed,
    pace,
    share_gone,
    win_rate,
)
from territories.engine.attainment.periods import Period, PeriodKind, period_of
from territories.engine.attainment.relation import relation

money = st.floats(0, 1e7, allow_nan=False)
deals = st.lists(st.tuples(money, st.floats(0, 1)), max_size=25)
shares = st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=40)


def outlook(closed: float, open_deals: list[tuple[float, float]], news: list[float]) -> Outlook:
    amounts, chances = zip(*open_deals, strict=True) if open_deals else ((), ())
    return Outlook(closed, amounts, chances, news)


# --- forecast -----------------------------------------------------------------------------------


def test_the_end_is_closed_and_open_by_chance_and_what_is_usually_new() -> None:
    told = forecast(Outlook(100.0, (50.0, 200.0), (0.5, 0.1), (10.0, 30.0)), seed=1)

    assert (told.closed, told.weighted, told.new) == (100.0, 45.0, 20.0)
    assert told.expected == 165.0
    assert variance_of_open((50.0, 200.0), (0.5, 0.1)) == pytest.approx(625 + 3600)
    assert told.deviation == pytest.approx(math.sqrt(625 + 3600 + 100))


def test_certain_deals_leave_no_interval() -> None:
    told = forecast(Outlook(10.0, (5.0, 7.0), (1.0, 0.0)), seed=3)

    assert (told.low, told.expected, told.high, told.deviation) == (15.0, 15.0, 15.0, 0.0)


def test_the_same_seed_gives_the_same_interval_and_another_one_not() -> None:
    one = Outlook(0.0, tuple(range(100, 140)), (0.3,) * 40, (5.0, 80.0, 20.0))

    assert forecast(one, seed=7) == forecast(one, seed=7)
    assert forecast(one, seed=7) != forecast(one, seed=8)


def test_the_simulation_agrees_with_the_closed_form() -> None:
    one = Outlook(500.0, tuple(range(50, 150)), (0.4,) * 100, (100.0, 200.0, 300.0))
    ends = simulated(one, seed=5, draws=20_000)
    told = forecast(one, seed=5)

    assert ends.mean() == pytest.approx(told.expected, rel=0.005)
    assert ends.std() == pytest.approx(told.deviation, rel=0.02)


def test_many_small_deals_are_drawn_as_one_sum_with_the_same_mean_and_spread() -> None:
    count = ONE_BY_ONE * 5
    one = Outlook(0.0, tuple(1.0 + place % 7 for place in range(count)), (0.25,) * count)
    ends = simulated(one, seed=2, draws=20_000)

    assert ends.mean() == pytest.approx(forecast(one, seed=2).expected, rel=0.005)
    assert ends.std() == pytest.approx(math.sqrt(variance_of_open(one.amounts, one.chances)), rel=0.03)


@given(money, deals, st.lists(money, max_size=8), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_interval_starts_at_or_above_what_is_closed_and_holds_the_expected_end(
    closed: float, open_deals: list[tuple[float, float]], news: list[float], seed: int
) -> None:
    told = forecast(outlook(closed, open_deals, news), seed=seed, draws=200)
    slack = 1e-9 * max(1.0, told.high)

    assert closed <= told.low + slack
    assert told.low <= told.expected <= told.high
    assert told.high <= closed + sum(a for a, _ in open_deals) + max(news, default=0.0) + slack


@given(money, deals, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_deals_changes_neither_the_expected_end_nor_its_deviation(
    closed: float, open_deals: list[tuple[float, float]], random: object
) -> None:
    other = list(open_deals)
    random.shuffle(other)  # type: ignore[attr-defined]
    one, two = (forecast(outlook(closed, each, []), seed=1, draws=50) for each in (open_deals, other))

    assert (one.expected, one.deviation) == (two.expected, two.deviation)


@given(money, deals)
@settings(max_examples=40, deadline=None)
def test_what_is_closed_moves_the_interval_as_a_whole(
    more: float, open_deals: list[tuple[float, float]]
) -> None:
    without, with_it = (forecast(outlook(c, open_deals, []), seed=4, draws=200) for c in (0.0, more))

    assert with_it.low == pytest.approx(without.low + more)
    assert with_it.high == pytest.approx(without.high + more)


def test_a_chance_is_a_share_and_each_deal_has_one() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Outlook(0.0, (1.0,), (1.1,))
    with pytest.raises(ValueError, match="a chance for each"):
        Outlook(0.0, (1.0, 2.0), (0.5,))


# --- pace and coverage --------------------------------------------------------------------------


def test_pace_is_closed_over_what_should_be_closed_by_now() -> None:
    assert pace(50, 100, 0.5) == 1
    assert pace(30, 100, 0.4) == pytest.approx(0.75)
    assert pace(30, 100, 0.0) is None
    assert pace(30, 0.0, 0.5) is None


def test_each_month_counts_by_its_quota_and_within_it_by_working_days() -> None:
    parts = [Part(10, 20, 20), Part(30, 20, 10), Part(60, 20, 0)]

    assert share_gone(parts) == pytest.approx((10 + 15) / 100)
    assert share_gone([Part(0, 20, 20), Part(0, 22, 11)]) == pytest.approx(31 / 42)
    assert share_gone([]) == 0


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 23), st.integers(0, 23)), min_size=1, max_size=12)
)
def test_what_is_over_is_a_share(parts: list[tuple[float, int, int]]) -> None:
    assert 0 <= share_gone([Part(weight, days, min(over, days)) for weight, days, over in parts]) <= 1


def test_who_wins_one_deal_in_four_needs_four_times_the_missing_quota() -> None:
    assert win_rate(1, 3) == 0.25
    assert coverage_needed(win_rate(1, 3)) == 4
    assert coverage_needed(win_rate(0, 3)) is None
    assert win_rate(0, 0) is None
    assert coverage_had(300, 100) == 3
    assert coverage_had(300, 0) is None


# --- spread -------------------------------------------------------------------------------------


def test_the_published_example_has_a_mean_above_quota_while_half_the_team_fails() -> None:
    found = distribution([1.8, 1.6, 1.4, 0.55, 0.45, 0.4])

    assert found is not None
    assert found.mean == pytest.approx(1.033333, abs=1e-6)
    assert found.median == pytest.approx(0.975)
    assert (found.at_quota, found.mean_misleads) == (0.5, True)
    assert [band.count for band in found.bands] == [2, 1, 0, 0, 3]


def test_borders_belong_to_the_upper_band_and_120_percent_to_the_band_below() -> None:
    found = distribution([0.0, 0.5, 0.8, 1.0, 1.2, 1.2001])

    assert found is not None
    assert [band.count for band in found.bands] == [1, 1, 1, 2, 1]
    assert [band.label for band in found.bands] == list(LABELS)


def test_nobody_has_no_spread() -> None:
    assert distribution([]) is None


@given(shares, st.randoms(use_true_random=False))
def test_the_bands_hold_everybody_and_the_order_does_not_matter(values: list[float], random: object) -> None:
    found = distribution(values)
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    again = distribution(mixed)

    assert found is not None and again is not None
    assert sum(band.count for band in found.bands) == found.count == len(values)
    assert found.bands == again.bands
    assert (found.median, found.at_quota) == (again.median, again.at_quota)
    assert found.mean == pytest.approx(again.mean)
    assert min(values) <= found.median <= max(values)


# --- the map ------------------------------------------------------------------------------------


def test_attainment_that_follows_potential_is_the_map_and_not_the_rep() -> None:
    found = relation([10, 20, 30, 40, 50, 60], [0.5, 0.61, 0.7, 0.8, 0.9, 1.05])

    assert found.map_decides
    assert not found.may_be_chance
    assert found.is_small
    assert found.spearman == pytest.approx(1)


def test_both_correlations_agree_with_numpy() -> None:
    x, y = [3, 1, 4, 1, 5, 9, 2, 6], [0.9, 1.2, 0.7, 1.1, 1.3, 0.6, 1.0, 0.8]
    found = relation(x, y)

    assert found.pearson == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.spearman == pytest.approx(-0.60, abs=0.05)


def test_a_weak_correlation_of_few_may_be_chance() -> None:
    found = relation([1, 2, 3, 4], [1.0, 0.7, 1.1, 0.9])

    assert not found.map_decides
    assert found.may_be_chance


@pytest.mark.parametrize(
    ("potential", "attained"), [([], []), ([1, 2], [0.5, 0.6]), ([5, 5, 5], [0.5, 0.6, 0.7])]
)
def test_without_three_different_potentials_nothing_is_said(
    potential: list[float], attained: list[float]
) -> None:
    found = relation(potential, attained)

    assert (found.pearson, found.spearman, found.map_decides) == (None, None, False)


def test_a_potential_for_each_attainment() -> None:
    with pytest.raises(ValueError, match="as many"):
        relation([1.0], [])


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 300)), min_size=3, max_size=30))
def test_correlations_lie_between_minus_one_and_one_and_do_not_care_for_units(
    pairs: list[tuple[int, int]],
) -> None:
    x, y = [a for a, _ in pairs], [b / 100 for _, b in pairs]
    found, in_thousands = relation(x, y), relation([a / 1000 for a in x], y)

    assert found.strength <= 1
    assert found.strength == pytest.approx(in_thousands.strength)


# --- periods ------------------------------------------------------------------------------------


def test_periods_follow_the_fiscal_year() -> None:
    day = dt.date(2026, 11, 22)

    assert period_of(PeriodKind.MONTH, day, 7).label == "Nov 26"
    assert period_of(PeriodKind.QUARTER, day, 1).label == "Oct–Dec 26"
    assert period_of(PeriodKind.QUARTER, day, 2).label == "Nov 26–Jan 27"
    assert period_of(PeriodKind.YEAR, day, 7) == Period(
        PeriodKind.YEAR, dt.date(2026, 7, 1), dt.date(2027, 6, 30)
    )


def test_the_same_point_of_an_earlier_period() -> None:
    quarter = period_of(PeriodKind.QUARTER, dt.date(2026, 11, 22), 1)
    gone = quarter.gone(dt.date(2026, 11, 22))

    assert gone == 52
    assert quarter.point(gone) == dt.date(2026, 11, 21)
    assert quarter.moved(-1).point(gone) == dt.date(2026, 8, 21)
    assert quarter.moved(-3).point(92) == dt.date(2026, 3, 31)
    assert quarter.gone(dt.date(2026, 9, 1)) == 0
    assert quarter.gone(dt.date(2027, 2, 1)) == 92
