"""Assumptions, risks and opportunities, decisions."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Scope
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from planning.models import Assumption, Cycle, Decision, RiskOrOpportunity
from planning.selectors.registers import assumptions_visible_to, balance_of, risks_visible_to, top_risks_of
from planning.services.registers import (
    add_assumption,
    add_risk,
    change_assumption,
    change_decision,
    change_risk,
    decide,
    raise_decision,
)
from tests.planning.conftest import AtStage, Company

SignIn = Callable[[Person], Client]
DUE = dt.date(2026, 1, 20)


@pytest.fixture
def question(cycle: Cycle, manager: Person, analyst: Person) -> Decision:
    return raise_decision(
        actor=manager,
        cycle=cycle,
        title="Build or buy?",
        owner=analyst,
        due=DUE,
        money=5000,
        options=["Build", " ", "Buy "],
    )


# --- assumptions and risks ----------------------------------------------------------------------


def test_an_executive_writes_no_registers(cycle: Cycle, executive: Person) -> None:
    with pytest.raises(Denied):
        add_assumption(actor=executive, cycle=cycle, text="All is well.", owner=executive)
    with pytest.raises(Denied):
        add_risk(actor=executive, cycle=cycle, title="x", owner=executive, money=1, probability=1)
    with pytest.raises(Denied):
        raise_decision(actor=executive, cycle=cycle, title="x", owner=executive)


def test_assumptions_of_other_families_are_not_seen(
    firm: Company, cycle: Cycle, manager: Person, colleague: Person
) -> None:
    ours = add_assumption(
        actor=manager, cycle=cycle, text="Snow comes.", owner=manager, family=firm.world.touring
    )
    everywhere = add_assumption(actor=manager, cycle=cycle, text="Prices stay.", owner=manager)
    alps = add_assumption(
        actor=manager, cycle=cycle, text="Roads open.", owner=manager, market=firm.world.tyrol
    )
    Scope.objects.create(person=colleague, market=firm.world.north)

    assert set(assumptions_visible_to(manager)) == {ours, everywhere, alps}
    assert set(assumptions_visible_to(colleague)) == {ours, everywhere}

    Scope.objects.create(person=colleague, family=firm.world.touring)
    assert set(assumptions_visible_to(colleague)) == {ours, everywhere}


def test_nobody_writes_about_what_lies_outside_their_scope(
    firm: Company, cycle: Cycle, colleague: Person
) -> None:
    Scope.objects.create(person=colleague, market=firm.world.north)
    with pytest.raises(Invalid, match="outside your scope"):
        add_assumption(actor=colleague, cycle=cycle, text="x", owner=colleague, market=firm.world.tyrol)


def test_expected_money_is_signed_and_summed_over_what_is_open(cycle: Cycle, manager: Person) -> None:
    strike = add_risk(
        actor=manager, cycle=cycle, title="Strike", owner=manager, money=1000, probability="0.3"
    )
    dealer = add_risk(
        actor=manager,
        cycle=cycle,
        title="Dealer",
        owner=manager,
        money=800,
        probability="0.5",
        leaning="opportunity",
    )
    closed = add_risk(actor=manager, cycle=cycle, title="Over", owner=manager, money=9000, probability=1)
    change_risk(actor=manager, risk=closed, revision=1, changes={"is_open": False})

    rows = risks_visible_to(manager)
    assert dict(rows.values_list("title", "expected")) == {
        "Strike": Decimal(-300),
        "Dealer": Decimal(400),
        "Over": Decimal(-9000),
    }
    balance = balance_of(rows)
    assert (balance.risks, balance.opportunities, balance.net) == (300, 400, 100)
    assert list(top_risks_of(manager, cycle)) == [dealer, strike]


@pytest.mark.parametrize(("money", "probability"), [(-1, 0.5), (10, 1.5), (10, -0.1)])
def test_a_risk_has_money_and_a_chance_between_0_and_1(
    cycle: Cycle, manager: Person, money: int, probability: float
) -> None:
    with pytest.raises(Invalid):
        add_risk(actor=manager, cycle=cycle, title="x", owner=manager, money=money, probability=probability)
    assert not RiskOrOpportunity.objects.exists()


def test_after_the_release_only_the_outcome_is_said(cycle: Cycle, manager: Person, at_stage: AtStage) -> None:
    prices = add_assumption(actor=manager, cycle=cycle, text="Prices stay.", owner=manager)
    strike = add_risk(actor=manager, cycle=cycle, title="Strike", owner=manager, money=10, probability=1)
    at_stage(cycle, "released")
    for row in (prices, strike):
        row.refresh_from_db()

    held = change_assumption(actor=manager, assumption=prices, revision=1, changes={"outcome": "held"})
    assert held.outcome == "held"
    assert change_risk(actor=manager, risk=strike, revision=1, changes={"is_open": False}).is_open is False
    with pytest.raises(Refused, match="stays as it is"):
        change_assumption(actor=manager, assumption=held, revision=2, changes={"text": "Prices rose."})
    with pytest.raises(Refused, match="stays as it is"):
        change_risk(actor=manager, risk=strike, revision=2, changes={"money": Decimal(99)})
    with pytest.raises(Refused, match="stays as it is"):
        add_assumption(actor=manager, cycle=held.cycle, text="New", owner=manager)


def test_two_editors_of_a_risk_see_a_conflict(cycle: Cycle, manager: Person, analyst: Person) -> None:
    strike = add_risk(actor=manager, cycle=cycle, title="Strike", owner=manager, money=10, probability=1)
    change_risk(actor=manager, risk=strike, revision=1, changes={"money": Decimal(20)})
    with pytest.raises(Conflict) as conflict:
        change_risk(actor=analyst, risk=strike, revision=1, changes={"money": Decimal(30)})
    assert (conflict.value.yours, conflict.value.theirs) == ({"money": "30"}, {"money": "20"})


# --- decisions ----------------------------------------------------------------------------------


def test_who_brings_a_question_forward_is_told(question: Decision, analyst: Person) -> None:
    assert question.options == ["Build", "Buy"]
    assert Notification.objects.get(person=analyst, title="To be decided: Build or buy?").url == (
        f"/decisions/{question.pk}/"
    )


def test_a_gap_has_one_decision(cycle: Cycle, manager: Person) -> None:
    raise_decision(actor=manager, cycle=cycle, title="Short", owner=manager, gap="shortage:1")
    with pytest.raises(Invalid):
        raise_decision(actor=manager, cycle=cycle, title="Short again", owner=manager, gap="shortage:1")
    assert Decision.objects.count() == 1


def test_a_decision_has_an_author_a_day_and_a_reason(question: Decision, vp: Person, analyst: Person) -> None:
    row = decide(actor=vp, decision=question, decided="Build", reason="It is cheaper.")
    assert (row.decided, row.decided_by, row.reason) == ("Build", vp, "It is cheaper.")
    assert row.decided_at is not None
    assert Event.objects.get(verb="decided").reason == "It is cheaper."
    assert Notification.objects.filter(person=analyst, title="Decided: Build or buy?").exists()


def test_an_analyst_does_not_decide(question: Decision, analyst: Person) -> None:
    with pytest.raises(Denied):
        decide(actor=analyst, decision=question, decided="Build", reason="Why not.")


def test_everything_that_is_missing_is_said_at_once(question: Decision, vp: Person) -> None:
    with pytest.raises(Invalid) as invalid:
        decide(actor=vp, decision=question, decided=" ", reason="")
    assert [reason.field for reason in invalid.value.reasons] == ["decided", "reason"]


def test_what_asks_executives_is_theirs_to_decide(cycle: Cycle, manager: Person, executive: Person) -> None:
    asked = raise_decision(actor=manager, cycle=cycle, title="Loan?", owner=manager, asks_executives=True)
    with pytest.raises(Denied, match="asks the executives"):
        decide(actor=manager, decision=asked, decided="Yes", reason="Cheap.")
    assert decide(actor=executive, decision=asked, decided="No", reason="Dear.").decided == "No"


def test_deciding_again_keeps_both_in_the_history(question: Decision, vp: Person) -> None:
    decide(actor=vp, decision=question, decided="Build", reason="It is cheaper.")
    decide(actor=vp, decision=question, decided="Buy", reason="The press broke.")
    said = [event.after["decided"] for event in Event.objects.filter(verb="decided").order_by("pk")]
    assert said == ["Build", "Buy"]


def test_two_who_decide_at_once_see_a_conflict(question: Decision, vp: Person, manager: Person) -> None:
    decide(actor=vp, decision=question, decided="Build", reason="Cheap.", revision=1)
    with pytest.raises(Conflict):
        decide(actor=manager, decision=question, decided="Buy", reason="Fast.", revision=1)


def test_what_is_decided_is_not_edited(question: Decision, vp: Person, manager: Person) -> None:
    row = decide(actor=vp, decision=question, decided="Build", reason="Cheap.")
    with pytest.raises(Refused, match="Decide again"):
        change_decision(actor=manager, decision=row, revision=2, changes={"title": "Other"})


def test_a_released_cycle_decides_nothing_more(question: Decision, vp: Person, at_stage: AtStage) -> None:
    at_stage(question.cycle, "released")
    question.refresh_from_db()
    with pytest.raises(Refused, match="stays as it is"):
        decide(actor=vp, decision=question, decided="Build", reason="Late.")


# --- pages --------------------------------------------------------------------------------------


def test_a_risk_is_written_in_percent(cycle: Cycle, coordinator: Person, signed_in: SignIn) -> None:
    client = signed_in(coordinator)
    sent = {
        "leaning": "risk",
        "title": "Strike",
        "money": "1000",
        "percent": "30",
        "owner": coordinator.email,
    }
    assert client.post(f"/cycles/{cycle.pk}/risks/add/", sent).status_code == 302
    strike = RiskOrOpportunity.objects.get()
    assert strike.probability == Decimal("0.3")

    form = client.get(f"/risks/{strike.pk}/edit/").content.decode()
    assert 'value="30"' in form
    client.post(f"/risks/{strike.pk}/edit/", sent | {"percent": "40", "is_open": "on", "revision": "1"})
    strike.refresh_from_db()
    assert (strike.probability, strike.revision) == (Decimal("0.4"), 2)


def test_the_list_of_risks_sums_what_is_expected(cycle: Cycle, manager: Person, signed_in: SignIn) -> None:
    add_risk(actor=manager, cycle=cycle, title="Strike", owner=manager, money=1000, probability="0.3")
    page = signed_in(manager).get(f"/risks/?cycle={cycle.pk}").content.decode()
    assert "−300.00" in page
    export = signed_in(manager).get("/risks/?export=csv").getvalue().decode()
    assert "Strike,Risk,1000.0000,0.3000,-300" in export


def test_an_assumption_is_written_and_judged_on_its_pages(
    cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    client.post(f"/cycles/{cycle.pk}/assumptions/add/", {"text": "Prices stay.", "owner": manager.email})
    row = Assumption.objects.get()
    sent = {"text": "Prices stay.", "owner": manager.email, "outcome": "failed", "revision": "1"}
    client.post(f"/assumptions/{row.pk}/edit/", sent)
    row.refresh_from_db()
    assert row.outcome == "failed"


def test_an_option_is_chosen_on_the_page(question: Decision, vp: Person, signed_in: SignIn) -> None:
    client = signed_in(vp)
    address = f"/decisions/{question.pk}/decide/"
    assert "Something else, said below" in client.get(address).content.decode()

    refused = client.post(address, {"option": "", "decided": "", "reason": "Why", "revision": "1"})
    assert (refused.status_code, "Say what is decided." in refused.content.decode()) == (400, True)

    client.post(address, {"option": "Buy", "decided": "", "reason": "Fast.", "revision": "1"})
    question.refresh_from_db()
    assert question.decided == "Buy"


def test_a_question_is_raised_and_changed_on_its_pages(
    cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    sent = {"title": "Overtime?", "options": "Yes\r\n\r\nNo", "money": "", "owner": manager.email}
    client.post(f"/cycles/{cycle.pk}/decisions/add/", sent)
    row = Decision.objects.get()
    assert (row.options, row.money) == (["Yes", "No"], 0)
    client.post(f"/decisions/{row.pk}/edit/", sent | {"money": "70", "revision": "1"})
    row.refresh_from_db()
    assert row.money == 70
