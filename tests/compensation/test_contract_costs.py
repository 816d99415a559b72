"""Costs of obtaining contracts (ASC 340-40): spread, taken back, written off, exact to the cent."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
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
from compensation.models import Cancellation, ContractTerm, Credit
from compensation.selectors.contract_costs import costs_of_deal, roll_forwards
from core.models import Person
from core.services.company import change_setting
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


@pytest.fixture
def paid(db: None) -> Credit:
    """A deal paid 3,600 in January, and 100 for nothing in particular; February waits for its lock."""
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    one = credit(ann, 72_000, JAN)
    run_of(JAN, {ann: [line(one), line(None, 100, 1, kind="objective")]}, version, state="locked")
    run_of(month(1), {ann: [line(credit(ann, 1000, month(1)))]}, version, state="approved")
    return one


def test_what_locked_months_paid_for_deals_is_spread(paid: Credit, manager: Person) -> None:
    (euros,) = roll_forwards(manager, JAN, 2)
    assert [(row.movement.added, row.closing) for row in euros.rows] == [(3600, 3500), (0, 3400)]
    assert euros.other == {JAN: 100}


def test_a_term_of_its_own_and_a_cancellation_change_the_months(paid: Credit, manager: Person) -> None:
    deal = paid.deal
    assert deal is not None
    ContractTerm.objects.create(deal=deal, months=24, renewal_months=0, reason="Two years")
    assert costs_of_deal(manager, deal, JAN)[0].left == 3450
    for percent in (40, 60):
        day = month(percent // 20)
        Cancellation.objects.create(deal=deal, kind="cancelled", day=day, percent=percent, reason="Lost")
    (found,) = costs_of_deal(manager, deal, month(3))
    assert (found.term.ended, found.left) == (month(3), 0)
    assert found.movements[month(3)].written_off == 3000


def test_a_contract_that_ended_is_written_off(paid: Credit, manager: Person) -> None:
    ContractTerm.objects.create(deal=paid.deal, months=12, renewal_months=24, ended=month(1), reason="Gone")
    (euros,) = roll_forwards(manager, JAN, 2)
    assert [row.movement.written_off for row in euros.rows] == [0, 3400]


def test_the_company_decides_what_is_usual(paid: Credit, manager: Person) -> None:
    change_setting(actor=None, key="renewals_commensurate", value="yes")
    assert roll_forwards(manager, JAN, 1)[0].rows[0].movement.expensed == 3600
    change_setting(actor=None, key="contract_expedient", value="no")
    assert roll_forwards(manager, JAN, 1)[0].rows[0].closing == 3300
    change_setting(actor=None, key="contract_months", value="24")
    assert roll_forwards(manager, JAN, 1)[0].rows[0].closing == 3450


def test_the_company_decides_how_long_renewals_are(paid: Credit, manager: Person) -> None:
    change_setting(actor=None, key="renewal_months", value="12")
    assert roll_forwards(manager, JAN, 1)[0].rows[0].closing == 3450


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
    assert boss.get(f"{API}deals/?month=2026-01-15").json()[0]["left"] == "3500.0000"
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
