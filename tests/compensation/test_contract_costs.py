"""Costs of obtaining contracts (ASC 340-40): spread, taken back, written off, exact to the cent."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

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
from compensation.models import (
    Cancellation,
    ContractMonth,
    ContractTerm,
    ContractTotal,
    Credit,
    PayRun,
    PlanVersion,
)
from compensation.pipeline.contract_months import keep_contract_months
from compensation.selectors.contract_costs import costs_by_deal, costs_of_deal, deal_costs, roll_forwards
from core.models import Person
from core.services.company import change_setting
from crm.models import Rep
from tests.compensation.company import FLAT, credit, line, plan_of, rep_on, run_of

JAN = dt.date(2026, 1, 1)
COSTS = "/pay/costs/contracts/"
API = "/api/v1/contract-costs/"
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
Pinned = Callable[..., AbstractContextManager[None]]


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


slow_machines = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow_machines
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


@slow_machines
@given(layers, contracts)
def test_the_asset_is_never_negative_and_ends_at_nothing(one: dict, contract: Contract) -> None:
    found = movements(one, contract)
    rows = roll_forward(found, JAN, 90)
    assert all(row.closing >= 0 for row in rows)
    assert rows[-1].closing == 0
    if contract.ended:
        late = max([contract.ended, *one])
        assert all(row.closing == 0 for row in rows if row.month >= late)


# --- from locked months ---------------------------------------------------------------------------


def lock(month_of: dt.date, paid_to: dict[Rep, list[dict[str, Any]]], state: str = "locked") -> PayRun:
    """A month's run, with what a lock keeps of it."""
    run = run_of(month_of, paid_to, PlanVersion.objects.get(), state=state)
    keep_contract_months()
    return run


@pytest.fixture
def ann(db: None) -> Rep:
    return rep_on(plan_of(FLAT), "ann")


@pytest.fixture
def won(ann: Rep) -> Credit:
    """A deal that pays 3,600 in January."""
    return credit(ann, 72_000, JAN)


@pytest.fixture
def paid(ann: Rep, won: Credit) -> Credit:
    """It is paid in January, beside 100 for nothing in particular; February waits for its lock."""
    lock(JAN, {ann: [line(won), line(None, 100, 1, kind="objective")]})
    lock(month(1), {ann: [line(credit(ann, 1000, month(1)))]}, state="approved")
    return won


def test_what_locked_months_paid_for_deals_is_spread(paid: Credit, manager: Person) -> None:
    (euros,) = roll_forwards(manager, JAN, 2)
    assert [(row.movement.added, row.closing) for row in euros.rows] == [(3600, 3500), (0, 3400)]
    assert euros.other == {JAN: 100}


def test_a_term_said_later_is_spread_over_what_is_left_and_changes_no_locked_month(
    paid: Credit, ann: Rep, manager: Person
) -> None:
    ContractTerm.objects.create(deal=paid.deal, months=15, renewal_months=0, reason="Shorter")
    assert [row.closing for row in roll_forwards(manager, JAN, 3)[0].rows] == [3500, 3250, 3000]
    PayRun.objects.filter(state="approved").update(state="locked")
    keep_contract_months()
    (euros,) = roll_forwards(manager, JAN, 2)
    assert [row.movement.amortised for row in euros.rows] == [100, Decimal("251.39")]
    ContractTerm.objects.update(months=48)
    assert roll_forwards(manager, JAN, 2) == [euros]


def test_what_a_lock_kept_of_a_month_is_not_changed_and_not_kept_twice(paid: Credit) -> None:
    assert keep_contract_months() == 0
    for rows in (ContractMonth.objects.all(), ContractTotal.objects.all()):
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            rows.update(closing=0)


def test_a_term_of_its_own_and_a_cancellation_change_the_coming_months(
    ann: Rep, won: Credit, manager: Person
) -> None:
    deal = won.deal
    assert deal is not None
    ContractTerm.objects.create(deal=deal, months=24, renewal_months=0, reason="Two years")
    lock(JAN, {ann: [line(won)]})
    assert costs_of_deal(manager, deal, JAN)[0].left == 3450
    for percent in (40, 60):
        day = month(percent // 20)
        Cancellation.objects.create(deal=deal, kind="cancelled", day=day, percent=percent, reason="Lost")
    (found,) = costs_of_deal(manager, deal, month(3))
    assert (found.term.ended, found.left) == (month(3), 0)
    assert found.movements[month(3)].written_off == 3000


def test_a_contract_that_ended_is_written_off(paid: Credit, manager: Person) -> None:
    ContractTerm.objects.create(deal=paid.deal, months=12, renewal_months=24, ended=JAN, reason="Gone")
    (euros,) = roll_forwards(manager, JAN, 2)
    assert [row.movement.written_off for row in euros.rows] == [0, 3400]


@pytest.mark.parametrize(
    ("said", "expensed", "closing"),
    [
        ({"renewals_commensurate": "yes"}, 3600, 0),
        ({"renewals_commensurate": "yes", "contract_expedient": "no"}, 0, 3300),
        ({"contract_months": "24", "renewal_months": "0"}, 0, 3450),
        ({"renewal_months": "12"}, 0, 3450),
    ],
)
def test_the_company_decides_what_is_usual(
    ann: Rep, won: Credit, manager: Person, said: dict[str, str], expensed: int, closing: int
) -> None:
    for key, value in said.items():
        change_setting(actor=None, key=key, value=value)
    lock(JAN, {ann: [line(won)]})
    (row,) = roll_forwards(manager, JAN, 1)[0].rows
    assert (row.movement.expensed, row.closing) == (expensed, closing)


def test_locked_months_and_coming_ones_are_what_the_engine_says(ann: Rep, manager: Person) -> None:
    """Thirty deals, paid and taken back at random over nine months, with terms of every kind."""
    chance = Random(7)
    usual = {"term": 12, "renewals": 24}
    layers: list[dict[dt.date, Decimal]] = []
    terms: list[Contract] = []
    won = [credit(ann, 1000, JAN) for _ in range(30)]
    for one in won:
        due = chance.sample(range(9), chance.randint(1, 4))
        layers.append({month(place): Decimal(chance.randint(-90_000, 200_000)) / 10_000 for place in due})
        ended = chance.choice([None, None, month(chance.randint(0, 14))])
        own = {"term": chance.randint(1, 20), "renewals": chance.choice([0, 6])}
        if chance.random() < 0.7:
            ContractTerm.objects.create(
                deal=one.deal, months=own["term"], renewal_months=own["renewals"], ended=ended, reason="Own"
            )
            terms.append(contract_of(**own, ended=ended))
        else:
            terms.append(contract_of(**usual))
    for place in range(9):
        rows = [
            line(one, 1, 1, pay=paid[month(place)])
            for one, paid in zip(won, layers, strict=True)
            if month(place) in paid
        ]
        lock(month(place), {ann: [*rows, line(None, 1, 1)]})
    each = [movements(*one) for one in zip(layers, terms, strict=True)]
    (euros,) = roll_forwards(manager, JAN, 50)
    assert euros.rows == roll_forward(together(each), JAN, 50)
    for one, expected in zip(won, each, strict=True):
        assert one.deal is not None
        (found,) = costs_of_deal(manager, one.deal, JAN)
        assert {day: m for day, m in found.movements.items() if m != Movement()} == expected
    listed = deal_costs(costs_by_deal(manager, month(8)), month(10))
    assert sum(one.left for one in listed) == euros.rows[10].closing


def test_from_the_months_to_a_deal_and_its_term(
    paid: Credit, manager: Person, signed_in: SignedIn, pinned_queries: Pinned
) -> None:
    client = signed_in(manager)
    with pinned_queries():
        page = client.get(f"{COSTS}?first=2026-01&last=2026-03")
    assert "3\u202f500.00" in page.text
    assert b"Pay without a deal" in client.get(f"{COSTS}?export=csv&first=2026-01").getvalue()
    assert client.get(f"{COSTS}?export=xlsx").status_code == 200
    assert str(paid.deal) in client.get(f"{COSTS}deals/").text
    one = f"{COSTS}deals/{paid.deal_id}/"
    assert "usual one" in client.get(one).text
    form = {"months": "48", "renewal_months": "0", "reason": "Framework contract", "revision": "0"}
    assert client.post(f"{one}term/", form | {"reason": ""}).status_code == 400
    assert "Framework contract" in client.post(f"{one}term/", form, follow=True).text
    assert ContractTerm.objects.get().months == 48
    stale = client.post(f"{one}term/", form | {"months": "60"})
    assert stale.status_code == 409
    assert client.post(f"{one}term/", form | {"months": "60", "revision": "1"}).status_code == 302


def test_contract_costs_by_api(paid: Credit, manager: Person, vp: Person, api: Api) -> None:
    boss = api(manager)
    body = boss.get(f"{API}?first=2026-01-01&last=2026-02-01").json()
    assert body[0]["months"][0]["closing"] == "3500.0000"
    assert boss.get(f"{API}deals/?month=2026-01-15").json()["results"][0]["left"] == "3500.0000"
    one = f"{API}deals/{paid.deal_id}/"
    assert len(boss.get(one).json()[0]["months"]) == 36
    term = {"months": 24, "renewal_months": 0, "commensurate": False, "reason": "x", "ended": "2026-03-17"}
    assert boss.put(one, term, format="json").json()["ended"] == "2026-03-01"
    assert boss.get("/api/v1/contract-terms/").json()["count"] == 1
    assert boss.put(one, term, format="json").status_code == 409
    assert api(vp).put(one, term, format="json").status_code == 403


def test_only_who_sees_costs_sees_them(
    paid: Credit, sales_rep: Person, sales_manager: Person, coordinator: Person, signed_in: SignedIn, api: Api
) -> None:
    for person in (sales_rep, sales_manager, coordinator):
        client = signed_in(person)
        for path in (COSTS, f"{COSTS}deals/", f"{COSTS}deals/{paid.deal_id}/"):
            assert client.get(path).status_code == 403
        assert api(person).get(API).status_code == 403
        assert roll_forwards(person, JAN, 2) == []
