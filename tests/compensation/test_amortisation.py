"""Pay for contracts on the balance sheet: what is capitalised, for how long, and what is written off."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.engine.amortisation import ContractCost, schedule, unamortised, written_off

MAY = dt.date(2026, 5, 1)
MONEY = st.integers(1, 10**8).map(lambda cents: Decimal(cents) / 100)


def test_a_tenth_of_a_three_year_contract_is_spread_over_its_months() -> None:
    expenses = schedule(ContractCost(Decimal(5400), MAY, term=36))
    assert set(expenses.values()) == {Decimal(150)}
    assert unamortised(expenses, MAY) == 5250


def test_a_year_or_less_is_expensed_at_once_by_the_expedient() -> None:
    cost = ContractCost(Decimal(1200), MAY, term=12)
    assert schedule(cost) == {MAY: Decimal(1200)}
    assert len(schedule(cost, expedient=False)) == 12


def test_what_would_have_been_paid_anyway_is_not_capitalised() -> None:
    assert schedule(ContractCost(Decimal(900), MAY, term=36, incremental=False)) == {MAY: Decimal(900)}


@pytest.mark.parametrize(("commensurate", "months"), [(True, 24), (False, 60)])
def test_renewals_lengthen_the_benefit_unless_they_are_paid_alike(commensurate: bool, months: int) -> None:
    cost = ContractCost(Decimal(6000), MAY, term=24, renewals=36, commensurate=commensurate)
    assert len(schedule(cost)) == months


def test_a_contract_that_ends_early_is_written_off() -> None:
    expenses = written_off(schedule(ContractCost(Decimal(3600), MAY, term=36)), dt.date(2026, 12, 1))
    assert expenses[dt.date(2026, 12, 1)] == 100 + 2800
    assert unamortised(expenses, dt.date(2026, 12, 1)) == 0


@given(MONEY, st.integers(1, 80), st.integers(0, 60), st.integers(0, 90))
def test_expenses_add_up_to_the_cost_whenever_it_is_written_off(
    amount: Decimal, term: int, renewals: int, later: int
) -> None:
    expenses = schedule(ContractCost(amount, MAY, term, renewals))
    month = dt.date(2026 + (4 + later) // 12, (4 + later) % 12 + 1, 1)
    assert sum(expenses.values()) == amount
    assert sum(written_off(expenses, month).values()) == amount


def test_a_contract_without_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="lasts a month or more"):
        schedule(ContractCost(Decimal(1), MAY, term=0))
