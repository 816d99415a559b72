"""Costs of obtaining contracts (ASC 340-40): spread, taken back, written off, exact to the cent."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engine.months import add_months
from compensation.engine.amortisation import ContractCost, schedule
from compensation.engine.contract_costs import (
    Contract,
    Movement,
    contract_of,
    movements,
    roll_forward,
    together,
)

JAN = dt.date(2026, 1, 1)


def month(number: int) -> dt.date:
    return add_months(JAN, number)


def amortised(found: dict[dt.date, Movement]) -> list[Decimal]:
    return [one.amortised for _, one in sorted(found.items())]


def test_a_cost_is_spread_as_the_schedule_says() -> None:
    found = movements({JAN: Decimal("1000.00")}, contract_of(12, renewals=24))
    plain = schedule(ContractCost(Decimal("1000.00"), JAN, 12, 24))
    assert {day: one.amortised for day, one in found.items()} == plain
    assert len(plain) == 36


def test_renewals_that_are_paid_alike_bring_no_benefit_to_the_first_cost() -> None:
    assert contract_of(24, renewals=24, commensurate=True).months == 24
    assert contract_of(24, renewals=24).months == 48


def test_a_year_or_less_is_expensed_at_once_where_that_is_chosen() -> None:
    found = movements({JAN: Decimal(600)}, contract_of(12))
    assert found == {JAN: Movement(expensed=Decimal(600))}
    kept = movements({JAN: Decimal(600)}, contract_of(12, expedient=False))
    assert amortised(kept) == [Decimal(50)] * 12


def test_later_pay_is_spread_over_what_is_left() -> None:
    found = movements({JAN: Decimal(1200), month(6): Decimal(60)}, Contract(12))
    assert amortised(found) == [Decimal(100)] * 6 + [Decimal(110)] * 6


def test_what_is_taken_back_lowers_the_asset_and_beyond_it_the_expense() -> None:
    part = movements({JAN: Decimal(1200), month(6): Decimal(-300)}, Contract(12))
    assert (part[month(6)].taken_back, part[month(6)].amortised) == (300, 50)
    whole = movements({JAN: Decimal(1200), month(6): Decimal(-1200)}, Contract(12))
    assert whole[month(6)] == Movement(taken_back=Decimal(600), expensed=Decimal(-600))
    assert month(7) not in whole


def test_what_is_left_when_a_contract_ends_is_written_off_in_that_month() -> None:
    found = movements({JAN: Decimal(1200)}, Contract(12, ended=month(3)))
    assert found[month(3)] == Movement(amortised=Decimal(100), written_off=Decimal(800))
    assert max(found) == month(3)


def test_pay_after_the_end_is_expensed() -> None:
    found = movements({JAN: Decimal(1200), month(5): Decimal(7)}, Contract(12, ended=month(3)))
    assert found[month(5)] == Movement(expensed=Decimal(7))
    late = movements({JAN: Decimal(2), month(2): Decimal(5)}, Contract(2))
    assert late[month(2)] == Movement(expensed=Decimal(5))


def test_pay_for_a_contract_that_had_ended_before_is_no_asset_for_longer_than_a_month() -> None:
    found = movements({month(4): Decimal(100)}, Contract(10, ended=JAN))
    assert found == {month(4): Movement(Decimal(100), amortised=Decimal(10), written_off=Decimal(90))}


def test_the_roll_forward_begins_with_what_was_left_before() -> None:
    rows = roll_forward(movements({JAN: Decimal(1200)}, Contract(12)), month(2), 2)
    assert [(row.opening, row.closing) for row in rows] == [(1000, 900), (900, 800)]


def test_a_contract_of_no_month_is_refused() -> None:
    with pytest.raises(ValueError, match="a month or more"):
        contract_of(0)


cents = st.integers(-500_000, 500_000).map(lambda amount: Decimal(amount) / 100)
layers = st.dictionaries(st.integers(0, 30).map(month), cents, max_size=6)
contracts = st.builds(
    Contract,
    months=st.integers(1, 40),
    ended=st.none() | st.integers(-3, 45).map(month),
    at_once=st.booleans(),
)


@given(st.lists(st.tuples(layers, contracts), max_size=4), st.integers(-2, 60))
def test_expenses_and_what_is_left_are_what_was_paid(many: list, count: int) -> None:
    paid = sum((sum(one.values()) for one, _ in many), Decimal(0))
    found = together(movements(one, contract) for one, contract in many)
    assert sum((one.expense for one in found.values()), Decimal(0)) == paid
    until = month(count)
    before = sum((m.expense for day, m in found.items() if day <= until), Decimal(0))
    got = sum((amount for one, _ in many for day, amount in one.items() if day <= until), Decimal(0))
    rows = roll_forward(found, month(-6), count + 7)
    assert before + (rows[-1].closing if rows else 0) == got


@given(layers, contracts)
def test_the_asset_is_never_negative_and_ends_at_nothing(one: dict, contract: Contract) -> None:
    found = movements(one, contract)
    rows = roll_forward(found, JAN, 90)
    assert all(row.closing >= 0 for row in rows)
    assert rows[-1].closing == 0
    if contract.ended:
        late = max([contract.ended, *one])
        assert all(row.closing == 0 for row in rows if row.month >= late)
