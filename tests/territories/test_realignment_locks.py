"""Locks of a realignment never move, whatever the accounts, reps and settings are."""

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.engine.account_table import AccountTable
from territories.engine.assignment import Infeasible, assign
from territories.engine.plan import Settings
from territories.engine.problem import NOBODY
from territories.engine.realignment import (
    Proposal,
    Seats,
    Wishes,
    eligible_by,
    families_apart,
    fingerprint,
    problem_of,
    weight_of,
)


def _table(count: int, rep: np.ndarray, revenue: np.ndarray) -> AccountTable:
    place = np.column_stack([np.full(count, 50.0), np.linspace(0, 10, count)])
    ones = np.ones(count)
    return AccountTable(
        ids=np.arange(1, count + 1),
        territory=rep + 100,
        rep=rep,
        place=place,
        potential=ones,
        revenue=revenue,
        calls=ones,
        hours_a_call=ones,
        km=np.zeros(count),
        workload=ones,
    )


def _seats(count: int) -> Seats:
    return Seats(
        reps=np.arange(1, count + 1),
        names=tuple(f"R{number}" for number in range(count)),
        territory=np.arange(101, 101 + count),
        place=np.column_stack([np.full(count, 50.0), np.linspace(0, 10, count)]),
        share=np.ones(count),
        most=np.full(count, np.inf),
        skills=(frozenset(),) * count,
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    count, reps = draw(st.integers(2, 12)), draw(st.integers(2, 4))
    owner = np.array(draw(st.lists(st.integers(1, reps), min_size=count, max_size=count)))
    locked = np.array(draw(st.lists(st.integers(NOBODY, reps - 1), min_size=count, max_size=count)))
    revenue = np.array(draw(st.lists(st.floats(0, 1e6), min_size=count, max_size=count)))
    within = {"accounts": draw(st.sampled_from([0.5, 1.0, 3.0]))}
    return Proposal(
        table=_table(count, owner, revenue),
        seats=_seats(reps),
        names=tuple(f"A{number}" for number in range(count)),
        family=("",) * count,
        eligible=np.ones((count, reps), dtype=bool),
        locked=locked,
        wishes=Wishes(within, draw(st.floats(0, 500)), draw(st.sampled_from([0.0, 1.0])), 3, 5.0),
    )


@settings(max_examples=40, deadline=None)
@given(proposals())
def test_every_lock_is_kept_or_there_is_no_plan(proposal: Proposal) -> None:
    try:
        plan = assign(problem_of(proposal), Settings(time_limit=5, seed=3), time.monotonic)
    except Infeasible as error:
        assert error.relaxation.sentences
        return
    held = proposal.locked != NOBODY
    assert (plan.owner[held] == proposal.locked[held]).all()
    assert len(plan.owner) == len(proposal.names)


@settings(max_examples=20, deadline=None)
@given(proposals())
def test_the_same_proposal_has_the_same_fingerprint_and_another_seed_another(proposal: Proposal) -> None:
    other = Proposal(**{**vars(proposal), "wishes": Wishes(**{**vars(proposal.wishes), "seed": 4})})

    assert fingerprint(proposal, 1) == fingerprint(proposal, 1)
    assert fingerprint(proposal, 1) != fingerprint(other, 1)
    assert fingerprint(proposal, 1) != fingerprint(proposal, 2)


def test_a_lock_is_stronger_than_eligibility() -> None:
    table, seats = _table(2, np.array([1, 1]), np.ones(2)), _seats(2)
    eligible = np.array([[True, False], [True, True]])
    wishes = Wishes({}, 0.0, 1.0, 0, 5.0)
    proposal = Proposal(table, seats, ("A", "B"), ("", ""), eligible, np.array([1, NOBODY]), wishes)

    assert problem_of(proposal).eligible.tolist() == [[False, True], [True, True]]


def test_moving_an_account_without_revenue_is_not_free() -> None:
    assert weight_of(_table(2, np.array([1, 1]), np.array([0.0, 200.0]))).tolist() == [0.1, 2.0]
    assert weight_of(_table(2, np.array([1, 1]), np.zeros(2))).tolist() == [1.0, 1.0]


def test_a_rep_is_eligible_who_brings_everything_that_is_wanted() -> None:
    wanted = [frozenset({"german"}), frozenset(), frozenset({"german", "hospital"})]
    offered = [frozenset({"german"}), frozenset({"german", "hospital"})]

    assert eligible_by(wanted, offered).tolist() == [[True, True], [True, True], [False, True]]
    assert eligible_by([frozenset()], [frozenset()]).tolist() == [[True]]


def test_companies_with_locks_to_two_reps_are_found() -> None:
    table, seats = _table(3, np.array([1, 1, 1]), np.ones(3)), _seats(2)
    proposal = Proposal(
        table, seats, ("A", "B", "C"), ("Firm", "Firm", "Other"), np.ones((3, 2), dtype=bool),
        np.array([0, 1, 0]), Wishes({}, 0.0, 1.0, 0, 5.0),
    )  # fmt: skip

    assert families_apart(proposal) == ["Firm"]


def test_a_rep_without_a_base_starts_from_the_middle_of_the_own_accounts() -> None:
    table, seats = _table(3, np.array([1, 1, 2]), np.ones(3)), _seats(2)
    seats.place[0] = np.nan
    wishes = Wishes({}, 0.0, 1.0, 0, 5.0)
    proposal = Proposal(
        table, seats, ("A", "B", "C"), ("",) * 3, np.ones((3, 2), dtype=bool), np.full(3, NOBODY), wishes
    )

    cost = problem_of(proposal).cost
    assert np.isfinite(cost).all()
    assert cost[0, 0] == cost[1, 0]  # in the middle between the two
