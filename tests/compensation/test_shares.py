"""What each credit gets of pay for a whole period: in proportion, and to the cent."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.engine.shares import Counts, Sharing, shares
from tests.compensation.working import Worked, component, plan, sales, tiers, worked

AMOUNTS = st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=30)
PAY = st.integers(-(10**13), 10**13)
CURVE = component("curve", points=[[0, 0], [1000, 100]], period="month", over="quarter")
ANN = 0


def counts(*amounts: int) -> Counts:
    return Counts(np.arange(1, len(amounts) + 1), np.array(amounts, np.int64))


def of_line(found: Worked, month: int, earlier: bool = False, person: int = ANN, place: int = 0) -> Any:
    """What counted for a line, by deal, in whole units; None for nothing."""
    counted = Sharing(found.calculation.works[place]).counted(person, month, earlier)
    credits = found.loaded.book.credits
    return counted and {
        credits.deals[credits.deal[credit]]: amount // 10_000
        for credit, amount in zip(counted.credits.tolist(), counted.amounts.tolist(), strict=True)
    }


@given(PAY, AMOUNTS)
def test_shares_add_up_to_the_line_and_are_whole_cents_where_it_is(pay: int, amounts: list[int]) -> None:
    given = counts(*amounts)
    if not given.total:
        return
    found = shares(pay, given)
    assert int(found.sum()) == pay
    assert pay % 100 or not (found % 100).any()


@given(PAY, AMOUNTS)
def test_each_share_is_its_proportion_to_less_than_a_cent(pay: int, amounts: list[int]) -> None:
    given = counts(*amounts)
    if given.total:
        exact = [pay * amount / given.total for amount in amounts]
        found = shares(pay, given).tolist()
        near = [max(100, abs(one) * 1e-9) for one in exact]
        assert all(abs(share - one) <= most for share, one, most in zip(found, exact, near, strict=True))


@given(PAY, AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_credits_changes_nothing(pay: int, amounts: list[int], chance: Any) -> None:
    given = counts(*amounts)
    if given.total:
        order = list(range(len(amounts)))
        chance.shuffle(order)
        mixed = shares(pay, Counts(given.credits[order], given.amounts[order]))
        assert mixed.tolist() == shares(pay, given)[order].tolist()


def test_a_credit_that_takes_away_has_a_negative_share() -> None:
    assert shares(100_0000, counts(150, -50)).tolist() == [150_0000, -50_0000]


def test_a_cent_too_many_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    assert shares(1_0000, counts(1, 1, 1)).tolist() == [3400, 3300, 3300]
    assert shares(1_0000, counts(100, 250, 250)).tolist() == [1600, 4200, 4200]


def test_amounts_that_add_up_to_nothing_share_nothing() -> None:
    with pytest.raises(ValueError, match="add up to nothing"):
        shares(100, counts(5, -5))


def test_a_line_is_of_the_credits_of_its_period_not_of_earlier_ones(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(CURVE), sales(100, 200, 300, month=1))
    assert of_line(found, 0) == {"d1": 100}
    assert of_line(found, 1) == {"d2": 200}


def test_where_nothing_counted_in_the_period_it_is_of_the_whole_window(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(CURVE), sales(100, 200, month=1))
    assert of_line(found, 2) == {"d1": 100, "d2": 200}
    assert of_line(found, 3) is None


def test_a_team_line_is_of_the_credits_of_everybody_in_it(tmp_path: Path) -> None:
    people = "person,team\nAnn,north\nBea,north\nCid,south"
    deals = "deal,day,person,amount\na,2026-01-02,Ann,100\nb,2026-01-03,Bea,200\nc,2026-01-03,Cid,400"
    team = {**CURVE, "measure": {"whose": "team"}}
    found = worked(tmp_path, plan(team), deals, people=people)
    assert of_line(found, 0) == {"a": 100, "b": 200}


def test_a_true_up_is_of_what_counted_before_the_period(tmp_path: Path) -> None:
    steep = component("whole", over="quarter", tiers=tiers((0, "5%"), (300, "10%")))
    found = worked(tmp_path, plan(steep), sales(100, 150, 200, month=1))
    assert of_line(found, 2, earlier=True) == {"d1": 100, "d2": 150}
    assert of_line(found, 0, earlier=True) is None


def test_a_true_up_ends_where_the_tier_no_longer_pays_for_everything(tmp_path: Path) -> None:
    until = component(
        "whole_until", over="quarter", until=200, tiers=tiers((0, "5%"), (150, "10%"), (200, "12%"))
    )
    found = worked(tmp_path, plan(until), sales(100, 150, 200, month=1))
    assert of_line(found, 2, earlier=True) == {"d1": 100, "d2": 100}


def test_an_objective_and_a_fixed_pot_are_made_by_no_credit(tmp_path: Path) -> None:
    score = component("scorecard", objectives=[{"code": "nps", "weight": "100%"}])
    pot = component("pool", "pot", pot=1000, measure={"whose": "team"})
    found = worked(tmp_path, plan(score, pot, target_incentive=1200), sales(100))
    assert of_line(found, 0) is None
    assert of_line(found, 0, place=1) is None


def test_a_pot_shared_by_credit_is_of_the_own_credits(tmp_path: Path) -> None:
    people = "person,team\nAnn,north\nBea,north"
    deals = "deal,day,person,amount\na,2026-01-02,Ann,100\nb,2026-01-03,Bea,200"
    pool = component("pool", rate="1%", pool_share="credit", measure={"whose": "team"})
    found = worked(tmp_path, plan(pool), deals, people=people)
    assert of_line(found, 0) == {"a": 100}
