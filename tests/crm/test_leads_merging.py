"""Two leads that are one: who sees that they look alike, how they become one, and apart again."""

import pytest

from core.errors import Denied, Refused
from core.models import Event, Person
from crm.engine.lead_matching import Alike
from crm.models import Lead
from crm.selectors.leads import leads_like
from crm.services.lead_duplicates import merge_leads, separate_lead
from crm.services.lead_moves import answer_lead
from tests.crm.lead_world import Sales, now, sales

__all__ = ["now", "sales"]


def test_leads_that_look_alike_are_shown_the_surest_first(sales: Sales, sales_manager: Person) -> None:
    sales.rita.manager = sales.paul.manager = sales.sam
    lead = sales.lead(company="Acme GmbH", name="Ann Buyer", phone="+49 30 1234567")
    by_company = sales.lead(company="ACME", name="Bob")
    by_phone = sales.lead(phone="030 1234567")
    by_name = sales.lead(company="acme ag", name="ann  BUYER")
    sales.lead(company="Else")

    assert leads_like(sales_manager, lead) == [
        (by_phone, Alike.PHONE),
        (by_name, Alike.COMPANY_AND_NAME),
        (by_company, Alike.COMPANY),
    ]


def test_a_rep_is_not_shown_others_leads(sales: Sales, sales_rep: Person) -> None:
    mine, others = sales.lead(company="Acme"), sales.lead(company="Acme")

    assert (mine.owner, others.owner) == (sales.rita, sales.paul)
    assert leads_like(sales_rep, mine) == []


def test_the_winner_learns_what_it_does_not_know(sales: Sales, coordinator: Person) -> None:
    winner = sales.lead(company="Acme", name="Ann")
    loser = sales.lead(company="ACME Ltd", name="Ann B.", phone="030 1234567", text="Hello")

    merge_leads(actor=coordinator, lead=loser, into=winner)

    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.company, winner.name, winner.phone, winner.text) == ("Acme", "Ann", "030 1234567", "Hello")
    assert loser.duplicate_of == winner
    assert "p:301234567" in winner.keys
    assert [lead.steps.latest("pk").kind for lead in (winner, loser)] == ["merged", "merged"]
    assert Event.objects.get(verb="lead merged").actor == coordinator


def test_what_was_merged_into_the_loser_follows(sales: Sales) -> None:
    winner, loser, third = (sales.lead(company="Acme") for _ in range(3))
    merge_leads(actor=None, lead=third, into=loser)

    merge_leads(actor=None, lead=loser, into=winner)

    third.refresh_from_db()
    assert third.duplicate_of == winner


@pytest.mark.parametrize(
    ("loser", "winner", "code"),
    [
        ({"state": "converted"}, {}, "converted"),
        ({}, {"state": "disqualified", "disqualified_because": "x"}, "closed"),
        ({"duplicate_of": "other"}, {}, "merged"),
        ({}, {"duplicate_of": "other"}, "merged"),
    ],
)
def test_merges_that_would_lose_something_are_refused(
    sales: Sales, loser: dict[str, object], winner: dict[str, object], code: str
) -> None:
    rows = [sales.lead(company="Acme"), sales.lead(company="Acme"), sales.lead()]
    for row, values in zip(rows, (loser, winner), strict=False):
        set_to = {name: rows[2] if value == "other" else value for name, value in values.items()}
        Lead.objects.filter(pk=row.pk).update(**set_to) if set_to else None

    with pytest.raises(Refused) as refusal:
        merge_leads(actor=None, lead=rows[0], into=rows[1])

    assert code in {reason.code for reason in refusal.value.reasons}


def test_a_lead_is_not_merged_into_itself(sales: Sales) -> None:
    lead = sales.lead()

    with pytest.raises(Refused, match="into itself"):
        merge_leads(actor=None, lead=lead, into=lead)


def test_a_rep_does_not_merge_what_two_others_have(sales: Sales, sales_rep: Person) -> None:
    mine, pauls, ottos = sales.lead(), sales.lead(company="A"), sales.lead(company="A", market=sales.north)

    with pytest.raises(Refused, match="is with Paul"):
        merge_leads(actor=sales_rep, lead=pauls, into=ottos)
    merge_leads(actor=sales_rep, lead=pauls, into=mine)  # into one of the own


def test_a_merged_lead_has_no_moves_and_leads_to_the_other(sales: Sales) -> None:
    winner, loser = sales.lead(company="Acme"), sales.lead(company="Acme")
    merge_leads(actor=None, lead=loser, into=winner)

    with pytest.raises(Refused, match="was merged into Acme"):
        answer_lead(actor=None, lead=loser)


def test_a_mistake_is_taken_back_and_the_lead_is_given_to_somebody(sales: Sales, coordinator: Person) -> None:
    first = sales.lead(email="ann@buyer.example")
    joined = sales.lead(email="ann@buyer.example")
    assert (joined.duplicate_of, joined.owner) == (first, None)

    separate_lead(actor=coordinator, lead=joined)

    joined.refresh_from_db()
    assert joined.duplicate_of is None
    assert joined.owner == sales.paul
    assert joined.due is not None


def test_only_who_manages_leads_separates_and_only_what_is_merged(sales: Sales, sales_rep: Person) -> None:
    lead = sales.lead()

    with pytest.raises(Denied):
        separate_lead(actor=sales_rep, lead=lead)
    with pytest.raises(Refused, match="is not merged"):
        separate_lead(actor=None, lead=lead)
