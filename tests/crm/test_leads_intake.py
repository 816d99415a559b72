"""A lead comes in: whose customer it is, whether it is here already, who gets it and by when."""

import datetime as dt
from typing import Any

import pytest
from psycopg2.extras import DateRange

from core.errors import Denied, Invalid, Refused
from core.models import Event, Notification, Person
from crm.models import Absence, Lead, LeadStep, RoutingSeat
from crm.pipeline.lead_intake import take_in
from crm.services.leads import add_lead
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
HOUR = dt.timedelta(hours=1)


def kinds(lead: Lead) -> list[str]:
    return list(lead.steps.order_by("pk").values_list("kind", flat=True))


def test_reps_take_turns_and_each_lead_has_its_hours(sales: Sales) -> None:
    leads = [sales.lead() for _ in range(4)]

    assert [lead.owner for lead in leads] == [sales.rita, sales.paul, sales.rita, sales.paul]
    assert leads[0].due == NOW + 4 * HOUR
    assert leads[0].rule == sales.rule
    assert kinds(leads[0]) == ["arrived", "routed"]


def test_the_turn_is_kept_from_one_lead_to_the_next(sales: Sales, now: Any) -> None:
    sales.lead()
    now(NOW + HOUR)
    sales.lead()

    assert RoutingSeat.objects.get(rep=sales.rita).last_given == NOW
    assert RoutingSeat.objects.get(rep=sales.paul).last_given == NOW + HOUR
    assert sales.lead().owner == sales.rita


def test_a_lead_that_no_rule_takes_goes_to_the_fallback(sales: Sales) -> None:
    lead = sales.lead(market=sales.north)

    assert (lead.owner, lead.rule) == (sales.otto, sales.fallback)
    assert lead.due == NOW + 7 * HOUR + 17 * HOUR  # eight working hours: seven today, one tomorrow


def test_full_and_absent_reps_are_passed_over(sales: Sales) -> None:
    RoutingSeat.objects.filter(rep=sales.rita).update(capacity=1)
    Absence.objects.create(rep=sales.paul, days=DateRange(NOW.date(), NOW.date() + dt.timedelta(days=1)))

    assert [sales.lead().owner for _ in range(2)] == [sales.rita, sales.otto]
    assert "nobody of “Alps” is free" in LeadStep.objects.filter(kind="routed").latest("pk").text


def test_a_rep_who_left_gets_nothing_more(sales: Sales) -> None:
    sales.rita.is_active = False
    sales.rita.save()

    assert {sales.lead().owner for _ in range(3)} == {sales.paul}


def test_without_a_fallback_the_lead_waits_to_be_claimed(sales: Sales) -> None:
    RoutingSeat.objects.filter(rule=sales.fallback).delete()

    lead = sales.lead(market=sales.north)

    assert lead.owner is None
    assert lead.due is not None  # its time runs all the same


@pytest.mark.parametrize("how", ["contact", "domain", "company"])
def test_a_lead_of_a_known_customer_goes_to_the_owner_of_the_account(sales: Sales, how: str) -> None:
    account = sales.account(owner=sales.otto)
    sales.contact(account, "Buyer@Acme.example")
    values = {
        "contact": {"email": "buyer@acme.example"},
        "domain": {"email": "somebody.else@acme.example"},
        "company": {"email": "x@elsewhere.example", "company": "ACME Ltd."},
    }[how]

    lead = sales.lead(**values)

    assert (lead.account, lead.owner, lead.rule) == (account, sales.otto, None)


@pytest.mark.parametrize("written", ["ÖKO", "Höfe Süd GmbH"])
def test_accents_do_not_hide_a_customer_whose_name_has_them(sales: Sales, written: str) -> None:
    known = {sales.account("ONE", name="Öko AG"), sales.account("TWO", name="Höfe Süd")}

    found = sales.lead(company=written).account

    assert found in known


def test_free_mail_and_names_that_two_accounts_have_say_nothing(sales: Sales) -> None:
    first, second = sales.account("ONE", name="Acme AG"), sales.account("TWO", name="ACME gmbh")
    sales.contact(first, "one@gmail.com")

    assert sales.lead(email="other@gmail.com").account is None
    assert sales.lead(company="acme").account is None
    assert second.pk


def test_the_owner_of_the_account_who_is_away_is_passed_over(sales: Sales) -> None:
    sales.account(owner=sales.otto)
    Absence.objects.create(rep=sales.otto, days=DateRange(NOW.date(), None))

    assert sales.lead(company="Acme").owner == sales.rita


def test_many_leads_find_their_accounts_as_one_does(sales: Sales) -> None:
    from_many = [sales.account(f"A{n}", name=f"Shop {n} GmbH", owner=sales.otto) for n in range(30)]
    leads = [Lead(source=sales.web, company=f"shop {n}", arrived=NOW) for n in range(30)]
    take_in(leads, at=NOW)

    assert [lead.account for lead in leads] == from_many


def test_the_same_address_while_a_lead_is_open_joins_it_and_its_rep_is_told(sales: Sales) -> None:
    first = sales.lead(email="ann@buyer.example")

    again = sales.lead(email="ANN@buyer.example", text="Are you there?")

    assert (again.duplicate_of, again.owner) == (first, None)
    assert kinds(first)[-1] == "chased"
    told = Notification.objects.filter(person=sales.rita.person).latest("pk")
    assert (told.title, told.text) == (f"{first} asked again", "Are you there?")


def test_the_same_address_after_a_lead_was_closed_is_a_new_one(sales: Sales) -> None:
    Lead.objects.filter(pk=sales.lead(email="ann@buyer.example").pk).update(
        state="disqualified", disqualified_because="No need"
    )

    assert sales.lead(email="ann@buyer.example").duplicate_of is None


def test_what_only_looks_alike_is_not_joined_by_itself(sales: Sales) -> None:
    sales.lead(phone="+49 30 1234567", company="Buyer")

    assert sales.lead(phone="030 1234567", company="Buyer").duplicate_of is None


def test_the_rep_is_told_and_the_event_log_knows(sales: Sales, coordinator: Person) -> None:
    lead, is_new = add_lead(
        actor=coordinator, values={"source": sales.fair, "market": sales.tyrol, "company": "Buyer"}
    )

    assert is_new
    assert Notification.objects.get(person=sales.rita.person).title == (
        "A lead for you: Buyer, answer by 11 Mar 14:00"
    )
    event = Event.objects.get(verb="lead added")
    assert (event.actor, event.subject_id) == (coordinator, str(lead.pk))


def test_many_leads_at_once_are_one_message(sales: Sales) -> None:
    leads = [Lead(source=sales.web, market=sales.tyrol, company=f"C{n}", arrived=NOW) for n in range(6)]

    take_in(leads, at=NOW)

    assert Notification.objects.get(person=sales.rita.person).title.startswith("3 leads for you")


def test_the_same_id_again_is_the_same_lead_unchanged(sales: Sales, service_account: Person) -> None:
    values = {"source": sales.web, "market": sales.tyrol, "company": "Buyer"}
    first, _ = add_lead(actor=service_account, values=values, external_id="7", system="site")

    again, is_new = add_lead(
        actor=service_account, values=values | {"company": "Other"}, external_id="7", system="site"
    )

    assert (again.pk, is_new, again.company) == (first.pk, False, "Buyer")
    assert Lead.objects.count() == 1


def test_a_rep_does_not_read_others_leads_by_guessing_their_id(sales: Sales, sales_rep: Person) -> None:
    add_lead(
        actor=None,
        values={"source": sales.web, "company": "Buyer", "owner": sales.paul},
        external_id="7",
    )

    with pytest.raises(Refused, match="is there already"):
        add_lead(actor=sales_rep, values={"source": sales.web, "company": "x"}, external_id="7")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"company": ""}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"arrived": NOW + 2 * HOUR}, "arrived"),
        ({"arrived": NOW - dt.timedelta(days=9000)}, "arrived"),
    ],
)
def test_a_lead_that_cannot_be_is_refused_beside_the_field(
    sales: Sales, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add_lead(actor=None, values={"source": sales.web, "company": "Buyer"} | values)

    assert [reason.field for reason in refusal.value.reasons] == [field]
    assert not Lead.objects.exists()


def test_a_source_that_is_no_longer_used_takes_nothing(sales: Sales) -> None:
    sales.fair.is_active = False

    with pytest.raises(Invalid, match="no longer used"):
        add_lead(actor=None, values={"source": sales.fair, "company": "Buyer"})


def test_an_executive_adds_no_leads(sales: Sales, executive: Person) -> None:
    with pytest.raises(Denied, match="may not add leads"):
        add_lead(actor=executive, values={"source": sales.web, "company": "Buyer"})
