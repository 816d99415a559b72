"""What is done with a lead: by whom, in what order, and what is refused."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from core.roles import Role
from crm.engine.lead_moves import LEAD_MOVES
from crm.models import Account, DealStage, Lead, LeadSource, LeadState, LeadStep, Rep
from crm.services.lead_moves import (
    answer_lead,
    claim_lead,
    convert_lead,
    disqualify_lead,
    qualify_lead,
    reopen_lead,
)
from crm.services.leads import change_lead, give_lead
from crm.workflow.leads import offered_moves
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def theirs(sales: Sales) -> Lead:
    """A lead that Rita has."""
    return sales.lead(company="Buyer")


@pytest.fixture
def free(sales: Sales) -> Lead:
    """A lead that the fallback caught: up for claim."""
    return sales.lead(market=sales.north)


def last_step(lead: Lead) -> LeadStep:
    return lead.steps.latest("pk")


# --- claiming -------------------------------------------------------------------------------------


def test_a_rep_claims_what_the_fallback_caught_and_its_hours_go_on(
    sales: Sales, free: Lead, sales_rep: Person, now: Any
) -> None:
    now(NOW + HOUR)
    claimed = claim_lead(actor=sales_rep, lead=free)

    assert (claimed.owner, claimed.rule, claimed.due) == (sales.rita, None, free.due)
    assert (last_step(free).kind, last_step(free).person) == ("claimed", sales_rep)
    assert Event.objects.get(verb="lead claimed").after == {"owner": "Rita Rep (RITA)"}


def test_a_late_lead_that_is_claimed_is_a_breach_and_gets_new_hours(
    sales: Sales, free: Lead, sales_rep: Person, now: Any
) -> None:
    late = NOW + dt.timedelta(days=2)
    now(late)

    claimed = claim_lead(actor=sales_rep, lead=free)

    assert claimed.breaches == 1
    assert claimed.due is not None and claimed.due > late


def test_what_a_colleague_has_cannot_be_claimed(sales: Sales, theirs: Lead) -> None:
    paul = sales.paul.person
    assert paul is not None

    with pytest.raises(Refused, match="Rita Rep has this lead already"):
        claim_lead(actor=paul, lead=theirs)


def test_who_is_no_rep_claims_nothing(free: Lead, coordinator: Person) -> None:
    with pytest.raises(Refused, match="Only a rep claims leads"):
        claim_lead(actor=coordinator, lead=free)


def test_an_analyst_may_not_claim(free: Lead, analyst: Person) -> None:
    with pytest.raises(Denied, match="may not claim, answer and qualify leads"):
        claim_lead(actor=analyst, lead=free)


@pytest.mark.django_db(transaction=True)
def test_of_ten_people_who_claim_at_once_one_gets_it() -> None:
    people = [
        Person.objects.create_user(f"r{n}@example.com", name=f"Rep {n}", roles=[Role.SALES_REP])
        for n in range(10)
    ]
    for number, person in enumerate(people):
        Rep.objects.create(code=f"R{number}", name=person.name, person=person)
    source = LeadSource.objects.create(code="web", name="Web site")
    lead = Lead.objects.create(source=source, company="Buyer", arrived=NOW)
    barrier = threading.Barrier(len(people))

    def claim(person: Person) -> str:
        barrier.wait()
        try:
            claim_lead(actor=person, lead=lead)
            return person.name
        except Refused as refusal:
            return refusal.reasons[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        came = list(pool.map(claim, people))

    lead.refresh_from_db()
    assert lead.owner is not None
    assert sorted(came) == sorted([lead.owner.name, *["taken"] * 9])
    assert LeadStep.objects.filter(lead=lead, kind="claimed").count() == 1


# --- answering, qualifying, disqualifying ---------------------------------------------------------


def test_the_way_from_new_to_a_deal(sales: Sales, theirs: Lead, sales_rep: Person, now: Any) -> None:
    DealStage.objects.create(code="FIRST", name="First", position=1, probability=Decimal("0.1"))
    now(NOW + 2 * HOUR)
    answered = answer_lead(actor=sales_rep, lead=theirs, note="Called")
    assert (answered.state, answered.response_hours) == ("working", Decimal("2.00"))
    assert last_step(theirs).text == "Called"

    qualify_lead(actor=sales_rep, lead=theirs)
    deal = convert_lead(
        actor=sales_rep,
        lead=theirs,
        name="First order",
        amount=Decimal("1500.50"),
        expected_close=dt.date(2026, 5, 1),
    )

    theirs.refresh_from_db()
    assert (theirs.state, theirs.deal, theirs.converted) == ("converted", deal, NOW + 2 * HOUR)
    assert (deal.name, deal.amount, deal.rep, deal.source) == (
        "First order",
        Decimal("1500.50"),
        sales.rita,
        "here",
    )
    assert deal.stage is not None and deal.stage.code == "FIRST"
    assert deal.expected_close == dt.date(2026, 5, 1)


def test_a_deal_of_a_company_nobody_knew_makes_an_account(sales: Sales, theirs: Lead) -> None:
    Lead.objects.filter(pk=theirs.pk).update(state="qualified", country="Austria", employees=40)

    deal = convert_lead(actor=None, lead=theirs, name="First order")

    account = Account.objects.get()
    assert deal.account == account
    assert (account.name, account.owner, account.country, account.employees, account.market) == (
        "Buyer",
        sales.rita,
        "Austria",
        40,
        sales.tyrol,
    )


def test_a_deal_goes_to_the_account_that_is_named(sales: Sales, theirs: Lead) -> None:
    Lead.objects.filter(pk=theirs.pk).update(state="qualified")
    account = sales.account()

    deal = convert_lead(actor=None, lead=theirs, name="First order", account=account)

    assert deal.account == account
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"name": "x", "amount": Decimal(-1)}, "amount")],
)
def test_a_deal_that_cannot_be_is_refused(
    sales: Sales, theirs: Lead, values: dict[str, Any], field: str
) -> None:
    Lead.objects.filter(pk=theirs.pk).update(state="qualified")

    with pytest.raises(Invalid) as refusal:
        convert_lead(actor=None, lead=theirs, **values)

    assert refusal.value.reasons[0].field == field
    assert Lead.objects.get(pk=theirs.pk).state == "qualified"


def test_a_lead_without_a_company_asks_for_an_account(sales: Sales) -> None:
    lead = sales.lead()
    Lead.objects.filter(pk=lead.pk).update(state="qualified")

    with pytest.raises(Invalid, match="names no company"):
        convert_lead(actor=None, lead=lead, name="First order")


def test_disqualified_with_a_known_reason_and_taken_up_again(theirs: Lead, sales_rep: Person) -> None:
    ended = disqualify_lead(actor=sales_rep, lead=theirs, reason="No budget", note="Next year")
    assert (ended.state, ended.disqualified_because) == ("disqualified", "No budget")
    assert last_step(theirs).text == "No budget: Next year"
    assert ended.answered is not None  # somebody looked at it

    again = reopen_lead(actor=sales_rep, lead=theirs, reason="They called back")
    assert (again.state, again.disqualified_because) == ("working", "")


def test_a_reason_that_nobody_knows_is_refused(theirs: Lead) -> None:
    with pytest.raises(Invalid, match="is none of the reasons"):
        disqualify_lead(actor=None, lead=theirs, reason="Just because")


def test_without_a_reason_nothing_is_disqualified(theirs: Lead) -> None:
    with pytest.raises(Refused, match="Say why"):
        disqualify_lead(actor=None, lead=theirs, reason="")


@pytest.mark.parametrize("state", LeadState.values)
def test_only_the_moves_of_the_table_are_possible(theirs: Lead, state: str) -> None:
    services: dict[str, Any] = {
        "answer": lambda lead: answer_lead(actor=None, lead=lead),
        "qualify": lambda lead: qualify_lead(actor=None, lead=lead),
        "disqualify": lambda lead: disqualify_lead(actor=None, lead=lead, reason="No need"),
        "reopen": lambda lead: reopen_lead(actor=None, lead=lead, reason="x"),
        "convert": lambda lead: convert_lead(actor=None, lead=lead, name="x"),
    }
    for name, service in services.items():
        Lead.objects.filter(pk=theirs.pk).update(state=state, disqualified_because="x")
        move = LEAD_MOVES.find(name, state)
        if move is not None:
            service(theirs)
            assert Lead.objects.get(pk=theirs.pk).state == move.target
        else:
            with pytest.raises(Refused, match="that is not possible now"):
                service(theirs)


def test_others_leads_are_not_answered(sales: Sales, theirs: Lead) -> None:
    with pytest.raises(Refused, match="This lead is with Rita Rep"):
        answer_lead(actor=sales.paul.person, lead=theirs)


def test_what_is_up_for_claim_is_claimed_before_it_is_answered(free: Lead, sales_rep: Person) -> None:
    with pytest.raises(Refused, match="Claim it first"):
        answer_lead(actor=sales_rep, lead=free)


def test_who_manages_leads_answers_for_a_rep(theirs: Lead, sales_manager: Person) -> None:
    assert answer_lead(actor=sales_manager, lead=theirs).state == "working"


def test_buttons_are_what_the_person_may_do(
    sales: Sales, theirs: Lead, free: Lead, sales_rep: Person, analyst: Person
) -> None:
    assert [move.name for move in offered_moves(theirs, sales_rep)] == ["answer", "disqualify"]
    assert [move.name for move in offered_moves(free, sales_rep)] == ["claim"]
    assert offered_moves(theirs, analyst) == []


# --- giving and correcting ------------------------------------------------------------------------


def test_a_lead_is_given_by_hand_with_new_hours(
    sales: Sales, theirs: Lead, sales_manager: Person, now: Any
) -> None:
    now(NOW + HOUR)
    given = give_lead(actor=sales_manager, lead=theirs, rep=sales.paul, reason="He knows them")

    assert (given.owner, given.due) == (sales.paul, NOW + 5 * HOUR)
    assert (last_step(theirs).kind, last_step(theirs).text) == ("given", "He knows them")
    assert Notification.objects.filter(person=sales.paul.person, title__contains="Buyer").exists()


def test_giving_is_refused_where_it_makes_no_sense(sales: Sales, theirs: Lead) -> None:
    with pytest.raises(Refused, match="has this lead already"):
        give_lead(actor=None, lead=theirs, rep=sales.rita)
    sales.paul.is_active = False
    with pytest.raises(Invalid, match="is not active"):
        give_lead(actor=None, lead=theirs, rep=sales.paul)
    Lead.objects.filter(pk=theirs.pk).update(state="converted")
    with pytest.raises(Refused, match="is closed"):
        give_lead(actor=None, lead=theirs, rep=sales.paul)


def test_a_rep_gives_no_leads_away(sales: Sales, theirs: Lead, sales_rep: Person) -> None:
    with pytest.raises(Denied):
        give_lead(actor=sales_rep, lead=theirs, rep=sales.paul)


def test_a_corrected_lead_is_found_by_its_new_address(theirs: Lead, sales_rep: Person) -> None:
    saved = change_lead(
        actor=sales_rep, lead=theirs, revision=theirs.revision, changes={"email": "new@buyer.example"}
    )

    assert "e:new@buyer.example" in Lead.objects.get(pk=saved.pk).keys


def test_corrections_of_others_leads_stale_ones_and_unreachable_ones_are_refused(
    sales: Sales, theirs: Lead, sales_rep: Person
) -> None:
    with pytest.raises(Refused, match="is with Rita"):
        change_lead(actor=sales.paul.person, lead=theirs, revision=theirs.revision, changes={"name": "x"})
    with pytest.raises(Conflict):
        change_lead(actor=sales_rep, lead=theirs, revision=99, changes={"name": "x"})
    with pytest.raises(Invalid, match="nobody can answer otherwise"):
        change_lead(
            actor=sales_rep, lead=theirs, revision=theirs.revision, changes={"email": "", "company": ""}
        )


def test_what_happened_to_a_lead_cannot_be_rewritten(theirs: Lead) -> None:
    with pytest.raises(Exception, match=r"[Cc]annot update"):
        LeadStep.objects.filter(lead=theirs).update(text="Nothing")
