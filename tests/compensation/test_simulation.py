"""Plans tried on a year that was: sums, stretched credits, pay curves and chance."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.engine.book import Book
from compensation.engine.calculation import calculate
from compensation.engine.exact import TICKS
from compensation.engine.plan import Plan
from compensation.engine.plan_reading import plan_from
from compensation.engine.simulation import (
    Terms,
    YearOfPay,
    changes,
    histogram,
    top_earner_ratio,
    year_of_pay,
)
from compensation.engine.simulation_chance import Spread, Wishes, drawn, outlook, pay_curve
from compensation.engine.simulation_levels import (
    Stretcher,
    at_level,
    at_levels,
    factors_at,
    levels_of,
    out_of_reach,
    stretched,
)
from compensation.engine.statements import statements
from compensation.pipeline.book_files import Paths, read_book
from tests.compensation.working import component, plan, tiers

FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
OWN = component(
    "marginal",
    "own",
    period="month",
    over="year",
    against="quota",
    tiers=tiers((0, "5%"), ("100%", "8%")),
    cap={"per": "year", "of_target": "300%"},
)
MARGIN = component("flat", "margin", measure={"of": "margin"}, rate="2%")
TEAM = component(
    "curve",
    "team",
    measure={"of": "amount", "whose": "team"},
    period="year",
    over="year",
    against="quota",
    gives="target",
    weight="25%",
    points=[["0%", 0], ["100%", "100%"], ["150%", "200%"]],
)
PEOPLE = ("Ann", "Bea", "Cem", "Dia")
AMOUNT = st.integers(1, 40_000_000).map(lambda cents: Decimal(cents) / 100)
DEALS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 12), AMOUNT), min_size=1, max_size=14)


def read(
    folder: Path, said: dict[str, Any], sold: list[tuple[str, int, Any]], **files: str
) -> tuple[Terms, Book]:
    """A year's book of deals (person, month, amount); margin is half of it. Quotas are 100,000 each."""
    rows = [
        f"d{place},2026-{month:02d}-10,{person},{amount},{Decimal(str(amount)) / 2}"
        for place, (person, month, amount) in enumerate(sold)
    ]
    texts = {
        "deals": "\n".join(["deal,day,person,amount,margin", *rows]),
        "people": "\n".join(["person,target_incentive,team", *(f"{name},20000,north" for name in PEOPLE)]),
        "quotas": "\n".join(
            ["person,component,period,amount"]
            + [f"{name},own,2026,100000" for name in PEOPLE if "'own'" in str(said)]
            + [f"{name},team,2026,400000" for name in PEOPLE if "team" in str(said)]
        ),
        **files,
    }
    if texts["quotas"].count("\n") == 0:
        del texts["quotas"]
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text + "\n", encoding="utf-8")
    read_plan: Plan = plan_from(said)
    book = read_book(read_plan, Paths(**paths), dt.date(2026, 12, 31)).book
    return Terms(read_plan, tuple(range(len(book.people.ids)))), book


def attained(year: YearOfPay) -> list[float]:
    return [round(float(one), 9) for one in year.attained]


@FOLDER
@given(deals=DEALS)
def test_the_year_is_the_sum_of_the_statements(tmp_path: Path, deals: list[Any]) -> None:
    terms, book = read(tmp_path, plan(OWN, MARGIN), deals)
    year = year_of_pay(terms, book)
    sheets = statements(calculate(terms.plan, book))
    assert Decimal(year.total) / TICKS == sum((one.pay for one in sheets), Decimal(0))
    assert year.total == year.by_person.sum() == year.by_month.sum() == year.by_part.sum()


@FOLDER
@given(deals=DEALS)
def test_the_same_terms_make_no_winners_and_no_losers(tmp_path: Path, deals: list[Any]) -> None:
    terms, book = read(tmp_path, plan(OWN, MARGIN), deals)
    before = dict(enumerate(year_of_pay(terms, book).by_person.tolist()))
    after = dict(enumerate(year_of_pay(terms, book).by_person.tolist()))
    assert all(row.change == 0 for row in changes(before, after))


@FOLDER
@given(deals=DEALS)
def test_stretched_by_one_is_the_straight_calculation_to_the_cent(tmp_path: Path, deals: list[Any]) -> None:
    terms, book = read(tmp_path, plan(OWN, MARGIN, TEAM, target_incentive=20_000), deals)
    ones = [[Fraction(1)] * len(book.people.ids)] * len(terms.plan.components)
    straight = year_of_pay(terms, book)
    again = year_of_pay(terms, book, lambda one, _: stretched(one, book, ones))
    assert (again.ticks == straight.ticks).all()


@FOLDER
@given(deals=DEALS, level=st.integers(1, 30).map(lambda tenth: Fraction(tenth, 10)))
def test_at_a_level_everybody_with_credits_is_exactly_there(
    tmp_path: Path, deals: list[Any], level: Fraction
) -> None:
    terms, book = read(tmp_path, plan(OWN), deals)
    year = at_level(terms, book, level)
    sold = {person for person, _, _ in deals}
    for place, name in enumerate(book.people.ids):
        reached = year.attained[place]
        assert reached == (float(level) if name in sold else 0)


@FOLDER
@given(deals=DEALS)
def test_more_attainment_never_costs_less(tmp_path: Path, deals: list[Any]) -> None:
    terms, book = read(tmp_path, plan(OWN, MARGIN), deals)
    costs = [at_level(terms, book, Fraction(tenth, 10)).total for tenth in range(5, 16)]
    assert costs == sorted(costs)


def test_exactly_at_the_quota_a_bonus_for_it_is_paid(tmp_path: Path) -> None:
    bonus = component(
        "steps", "own", period="year", over="year", against="quota", gives="money", steps=[["100%", 1000]]
    )
    deals = [("Ann", 1, "333.33"), ("Ann", 5, "0.01"), ("Ann", 12, "77.77")]
    terms, book = read(tmp_path, plan(bonus), deals)
    assert at_level(terms, book, Fraction(1)).total == 1000 * TICKS
    assert at_level(terms, book, Fraction(9999, 10_000)).total == 0


def test_a_team_is_at_the_level_as_one(tmp_path: Path) -> None:
    deals = [("Ann", 2, 90_000), ("Bea", 3, 30_000), ("Cem", 4, 10_000), ("Dia", 5, 7_000)]
    terms, book = read(tmp_path, plan(OWN, TEAM, target_incentive=20_000), deals)
    year = at_level(terms, book, Fraction(1))
    team = year.ticks[year.codes.index("team")].sum(axis=1)
    assert (team == 5_000 * TICKS).all()  # a quarter of the target pay, for each
    assert attained(year) == [1.0] * 4


def test_what_has_no_quota_follows_what_has_one(tmp_path: Path) -> None:
    terms, book = read(tmp_path, plan(OWN, MARGIN), [("Ann", 1, 50_000)])
    factors = factors_at(terms.plan, book, [Fraction(1)] * len(book.people.ids))
    assert factors[0][0] == factors[1][0] == 2
    assert factors_at(plan_from(plan(MARGIN)), book, [Fraction(3, 2)])[0][0] == Fraction(3, 2)


def test_a_deal_taken_back_is_stretched_with_the_deal(tmp_path: Path) -> None:
    deals = "\n".join(
        [
            "deal,day,person,amount,margin,reverses",
            "d1,2026-01-10,Ann,30000,0,",
            "d2,2026-02-10,Ann,20000,0,",
            "d3,2026-03-10,Ann,-20000,0,d2",
        ]
    )
    terms, book = read(tmp_path, plan(OWN), [], deals=deals)
    year = at_level(terms, book, Fraction(1))
    assert attained(year)[0] == 1.0
    assert year.by_person[0] == 5_000 * TICKS


def test_levels_that_are_worked_out_together_are_those_of_each_alone(tmp_path: Path) -> None:
    said = plan(OWN, MARGIN, TEAM, target_incentive=20_000)
    terms, book = read(tmp_path, said, [("Ann", 1, 60_000), ("Bea", 3, 90_000), ("Ann", 7, 30_000)])
    together = Stretcher(terms, book)
    for level in (Fraction(1, 2), Fraction(1), Fraction(13, 10), Fraction(1, 2)):
        assert (together.at_level(level).ticks == at_level(terms, book, level).ticks).all()


def test_those_without_credits_are_named_as_out_of_reach(tmp_path: Path) -> None:
    terms, book = read(tmp_path, plan(OWN), [("Ann", 1, 50_000), ("Cem", 1, 10)])
    assert [book.people.ids[place] for place in out_of_reach(terms.plan, book)] == ["Bea", "Dia"]


def test_only_those_on_the_plan_are_paid_and_own_terms_hold(tmp_path: Path) -> None:
    deals = [("Ann", 1, 10_000), ("Bea", 1, 10_000), ("Cem", 1, 10_000)]
    terms, book = read(tmp_path, plan(MARGIN), deals)
    dearer = plan_from(plan({**MARGIN, "rate": "4%"}))
    year = year_of_pay(Terms(terms.plan, (0, 1), {1: dearer}), book)
    assert [int(one) // TICKS for one in year.by_person] == [100, 200, 0, 0]


def test_a_draw_is_part_of_the_cost(tmp_path: Path) -> None:
    said = plan(MARGIN, draw={"amount": 500, "kind": "guarantee", "recoverable": False})
    terms, book = read(tmp_path, said, [("Ann", 1, 10_000)])
    year = year_of_pay(terms, book)
    assert year.by_person[0] == 12 * 500 * TICKS
    assert year.by_part[year.codes.index("draw")] == (12 * 500 * 4 - 100) * TICKS


def test_who_missed_a_threshold_or_met_a_cap_is_counted(tmp_path: Path) -> None:
    capped = {**OWN, "threshold": "50%", "cap": {"per": "year", "amount": 5_500}}
    terms, book = read(tmp_path, plan(capped), [("Ann", 1, 120_000), ("Bea", 1, 40_000), ("Cem", 1, 60_000)])
    year = year_of_pay(terms, book)
    assert year.below.tolist() == [False, True, False, True]
    assert year.capped.tolist() == [True, False, False, False]
    assert year.by_person[0] == 5_500 * TICKS


def test_the_levels_of_a_curve_hold_every_bound_and_the_point_below(tmp_path: Path) -> None:
    terms, _ = read(tmp_path, plan({**OWN, "threshold": "45%"}), [("Ann", 1, 1)])
    levels = levels_of(terms, Fraction(3, 2))
    assert {Fraction(45, 100), Fraction(4499, 10_000), Fraction(1), Fraction(9999, 10_000)} <= set(levels)
    assert levels[0] == 0
    assert levels[-1] == Fraction(3, 2)


def test_the_same_seed_draws_the_same_and_another_seed_does_not() -> None:
    observed = np.array([0.4, 0.9, 1.0, 1.2, np.nan])
    first, again = drawn(observed, 5, Wishes(seed=7)), drawn(observed, 5, Wishes(seed=7))
    assert (first == again).all()
    assert (drawn(observed, 5, Wishes(seed=8)) != first).any()


def test_the_bootstrap_draws_only_what_was_observed_and_as_often() -> None:
    found = drawn(np.array([0.4, 0.9, 1.2, 1.2]), 50, Wishes(correlation=0))
    assert set(np.unique(found)) == {0.4, 0.9, 1.2}
    assert (found == 1.2).mean() == pytest.approx(0.5, abs=0.01)


def test_a_lognormal_has_the_median_of_what_was_observed() -> None:
    wishes = Wishes(spread=Spread.LOGNORMAL, correlation=0, draws=4000)
    found = drawn(np.array([0.5, 1.0, 2.0, 0.0]), 10, wishes)
    assert (found == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert np.median(found[found > 0]) == pytest.approx(1.0, abs=0.05)


def test_correlation_widens_the_total_and_not_the_single_person() -> None:
    observed = np.linspace(0.2, 1.8, 30)
    alone = drawn(observed, 40, Wishes(correlation=0.0))
    together = drawn(observed, 40, Wishes(correlation=0.8))
    assert together.sum(axis=1).std() > 3 * alone.sum(axis=1).std()
    assert together[:, 0].std() == pytest.approx(alone[:, 0].std(), rel=0.1)


@pytest.mark.parametrize("correlation", [-0.1, 1.1])
def test_a_correlation_beyond_its_bounds_is_refused(correlation: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        drawn(np.array([1.0]), 2, Wishes(correlation=correlation))


def test_nobody_with_a_quota_leaves_nothing_to_draw_from() -> None:
    with pytest.raises(ValueError, match="no attainment to draw from"):
        drawn(np.array([np.nan]), 1, Wishes())


def test_pay_curves_are_near_the_calculation_in_full(tmp_path: Path) -> None:
    deals = [(name, month, 7_000 + 900 * month) for name in PEOPLE for month in range(1, 13, 2)]
    terms, book = read(tmp_path, plan(OWN, MARGIN, TEAM, target_incentive=20_000), deals)
    wishes = Wishes(draws=200, correlation=0.3)
    attainments = drawn(np.array([0.45, 0.8, 1.0, 1.1, 1.6]), len(book.people.ids), wishes)
    levels = levels_of(terms, Fraction(2))
    curve = pay_curve(terms, book, levels, [at_level(terms, book, level) for level in levels])
    found = outlook(Stretcher(terms, book), curve, attainments, checked=5)
    assert found.checked == 5
    assert found.error < 0.001
    exact = at_levels(terms, book, [Fraction(str(one)) for one in attainments[0]]).total / TICKS
    assert found.costs[0] == pytest.approx(exact, rel=0.001)


def test_the_probability_of_a_cost_above_a_budget_is_a_share_of_the_draws(tmp_path: Path) -> None:
    terms, book = read(tmp_path, plan(OWN), [(name, 3, 100_000) for name in PEOPLE])
    levels = levels_of(terms, Fraction(2))
    curve = pay_curve(terms, book, levels, [at_level(terms, book, level) for level in levels])
    found = outlook(
        Stretcher(terms, book), curve, np.array([[0.5] * 4, [1.0] * 4, [1.0] * 4, [2.0] * 4]), checked=4
    )
    assert found.error < 1e-9
    assert found.costs.tolist() == [10_000, 20_000, 20_000, 52_000]
    assert found.above(20_000) == 0.25
    assert found.doubt(20_000) == pytest.approx((0.25 * 0.75 / 4) ** 0.5)
    assert found.at(0.5) == 20_000


def test_bins_hold_everybody_once() -> None:
    values = np.array([0.0, 0.1, 0.95, 1.0, 1.0, 2.4, np.nan])
    bins = histogram(values)
    assert sum(one.count for one in bins) == 6
    assert all(one.high - one.low == pytest.approx(bins[0].high - bins[0].low) for one in bins)
    assert histogram(np.array([np.nan])) == []


def test_the_ratio_of_the_top_earner_is_that_to_the_median() -> None:
    assert top_earner_ratio(np.array([100, 200, 800, 0])) == 4
    assert top_earner_ratio(np.array([100, 0])) is None
