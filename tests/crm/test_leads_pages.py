"""The pages of leads: who sees which, what the buttons do, and what a wrong form says."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Scope
from core.models import Person
from crm.models import Lead
from crm.selectors.leads import leads_visible_to
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
SignedIn = Callable[[Person], Client]
HOUR = dt.timedelta(hours=1)


def url(name: str, *keys: int) -> str:
    return reverse(f"crm:{name}", args=keys)


def text(answer: Any) -> str:
    return answer.content.decode()


# --- who sees which -------------------------------------------------------------------------------


def test_a_rep_sees_the_own_leads_and_those_up_for_claim(sales: Sales, sales_rep: Person) -> None:
    mine, pauls, free = sales.lead(), sales.lead(), sales.lead(market=sales.north)

    assert set(leads_visible_to(sales_rep)) == {mine, free}
    assert pauls not in leads_visible_to(sales_rep)


def test_a_sales_manager_sees_the_team_a_planner_all(
    sales: Sales, sales_manager: Person, analyst: Person
) -> None:
    team = {sales.lead(), sales.lead()}
    others = sales.lead(owner=sales.otto)

    assert set(leads_visible_to(sales_manager)) == team
    assert set(leads_visible_to(analyst)) == team | {others}


def test_a_scope_of_markets_narrows_leads(sales: Sales, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=sales.alps)
    inside, outside, nowhere = sales.lead(), sales.lead(market=sales.north), sales.lead(market=None)

    assert set(leads_visible_to(analyst)) == {inside, nowhere}
    assert outside.pk


def test_what_its_crm_deleted_is_gone(sales: Sales, analyst: Person) -> None:
    Lead.objects.filter(pk=sales.lead().pk).update(is_deleted=True)

    assert not leads_visible_to(analyst).exists()


def test_list_detail_and_export_agree(sales: Sales, sales_rep: Person, signed_in: SignedIn) -> None:
    mine, pauls = sales.lead(company="Mine Ltd"), sales.lead(company="Pauls Ltd")
    client = signed_in(sales_rep)

    page = text(client.get(url("lead-list")))
    assert ("Mine Ltd" in page, "Pauls Ltd" in page) == (True, False)
    exported = b"".join(client.get(url("lead-list"), {"export": "csv"})).decode()
    assert ("Mine Ltd" in exported, "Pauls Ltd" in exported) == (True, False)
    assert client.get(url("lead", mine.pk)).status_code == 200
    assert client.get(url("lead", pauls.pk)).status_code == 404
    assert client.post(url("lead-answer", pauls.pk)).status_code == 404


def test_somebody_without_the_right_is_sent_away(sales: Sales, stranger: Person, signed_in: SignedIn) -> None:
    assert signed_in(stranger).get(url("lead-list")).status_code == 403


# --- the list -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "rst"}, {"First"}),
        ({"state": "new"}, {"First", "Late", "Free"}),
        ({"answer": "late"}, {"Late"}),
        ({"answer": "today"}, {"First", "Late"}),
        ({"claim": "true"}, {"Free"}),
        ({"owner": "PAUL"}, {"Late"}),
        ({"source": "fair"}, {"Free"}),
        ({"market": "ALPS"}, {"First", "Late"}),
        ({"open": "true"}, {"First", "Late", "Free"}),
        ({"merged": "true"}, {"Merged"}),
        ({"arrived_from": "2026-03-12"}, set()),
        ({}, {"First", "Late", "Free"}),
    ],
)
def test_the_list_is_narrowed(
    sales: Sales, analyst: Person, signed_in: SignedIn, asked: dict[str, str], found: set[str]
) -> None:
    first = sales.lead(company="First")
    Lead.objects.filter(pk=sales.lead(company="Late").pk).update(due=NOW - HOUR)
    sales.lead(company="Free", market=sales.north, source=sales.fair)
    Lead.objects.filter(pk=sales.lead(company="Merged", owner=sales.rita).pk).update(duplicate_of=first)

    table = signed_in(analyst).get(url("lead-list"), asked).context["table"]

    assert {row["cells"][0]["text"] for row in table["rows"]} == found


def test_the_figures_say_what_waits(sales: Sales, sales_rep: Person, signed_in: SignedIn) -> None:
    late = sales.lead()
    Lead.objects.filter(pk=late.pk).update(due=NOW - HOUR)
    sales.lead(market=sales.north)

    figures = signed_in(sales_rep).get(url("lead-list")).context["figures"]

    assert [(one["label"], one["value"]) for one in figures] == [
        ("Wait for an answer", 2),
        ("Late", 1),
        ("Up for claim", 1),
        ("Mine, open", 1),
    ]


@pytest.mark.parametrize("name", ["lead-list", "lead", "lead-routing", "lead-source-list", "lead-agreement"])
def test_a_page_asks_the_database_as_often_for_many_as_for_few(
    sales: Sales,
    analyst: Person,
    signed_in: SignedIn,
    pinned_queries: Callable[..., Any],
    name: str,
) -> None:
    leads = [sales.lead(company="Acme") for _ in range(12)]
    client = signed_in(analyst)
    address = url(name, leads[0].pk) if name == "lead" else url(name)
    client.get(address)

    with pinned_queries():
        assert client.get(address).status_code == 200


# --- one lead -------------------------------------------------------------------------------------


def test_the_page_offers_what_can_be_done_and_shows_what_happened(
    sales: Sales, sales_rep: Person, signed_in: SignedIn
) -> None:
    lead = sales.lead(company="Acme", text="A question")

    page = text(signed_in(sales_rep).get(url("lead", lead.pk)))

    for words in ("Mark as answered", "Disqualify", "due in 4 h", "A question", "Given by a rule"):
        assert words in page
    assert "Give to a rep" not in page


def test_an_analyst_sees_the_lead_but_no_buttons(sales: Sales, analyst: Person, signed_in: SignedIn) -> None:
    page = text(signed_in(analyst).get(url("lead", sales.lead().pk)))

    assert "Mark as answered" not in page
    assert "Edit" not in page


def test_claim_answer_qualify_and_make_a_deal_without_javascript(
    sales: Sales, sales_rep: Person, signed_in: SignedIn
) -> None:
    lead, client = sales.lead(company="Acme", market=sales.north), signed_in(sales_rep)

    for name in ("lead-claim", "lead-answer", "lead-qualify"):
        answer = client.post(url(name, lead.pk), follow=True)
        assert answer.redirect_chain[-1][0] == url("lead", lead.pk)
    typed = {"name": "First order", "amount": "1200", "currency": "EUR", "expected_close": "2026-05-01"}
    answer = client.post(url("lead-convert", lead.pk), typed, follow=True)

    assert "Acme is a deal now." in text(answer)
    lead.refresh_from_db()
    assert lead.deal is not None and lead.deal.name == "First order"


def test_a_claim_that_came_too_late_says_who_has_it(
    sales: Sales, sales_rep: Person, signed_in: SignedIn
) -> None:
    lead = sales.lead(market=sales.north)
    Lead.objects.filter(pk=lead.pk).update(owner=sales.rita, rule=None)

    answer = signed_in(sales_rep).post(url("lead-claim", lead.pk))

    assert answer.status_code == 409
    assert "Rita Rep has this lead already" in text(answer)


def test_disqualifying_asks_for_a_reason_beside_the_field(
    sales: Sales, sales_rep: Person, signed_in: SignedIn
) -> None:
    lead, client = sales.lead(), signed_in(sales_rep)

    assert client.post(url("lead-disqualify", lead.pk), {"reason": ""}).status_code == 400
    assert "reason" in client.post(url("lead-disqualify", lead.pk), {"reason": ""}).context["form"].errors
    assert client.post(url("lead-disqualify", lead.pk), {"reason": "No budget"}).status_code == 302
    page = client.post(url("lead-reopen", lead.pk), {"reason": "They called"}, follow=True)
    assert "is worked on again" in text(page)


def test_a_manager_gives_a_lead(sales: Sales, sales_manager: Person, signed_in: SignedIn) -> None:
    lead = sales.lead()

    answer = signed_in(sales_manager).post(url("lead-give", lead.pk), {"rep": "PAUL"}, follow=True)

    assert "is given" in text(answer)
    lead.refresh_from_db()
    assert lead.owner == sales.paul


def test_a_rep_cannot_open_what_only_managers_do(
    sales: Sales, sales_rep: Person, signed_in: SignedIn
) -> None:
    lead, client = sales.lead(), signed_in(sales_rep)

    for name, keys in (("lead-give", [lead.pk]), ("routing-rule-add", []), ("lead-source-add", [])):
        assert client.get(url(name, *keys)).status_code == 403


def test_alike_leads_are_shown_and_merged_by_one_button(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    first, second = sales.lead(company="Acme GmbH"), sales.lead(company="ACME")
    client = signed_in(coordinator)

    assert "Same company" in text(client.get(url("lead", second.pk)))
    answer = client.post(url("lead-merge", second.pk), {"into": first.pk}, follow=True)

    assert "Merged into Acme GmbH." in text(answer)
    page = text(client.get(url("lead", second.pk)))
    assert "was merged into" in page
    assert "Separate again" in page
    assert "stands for itself again" in text(client.post(url("lead-separate", second.pk), follow=True))


def test_a_lead_is_added_and_an_untouched_form_changes_nothing(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    client = signed_in(coordinator)
    typed = {"source": "web", "company": "Acme", "market": "TYR", "email": "a@acme.example"}

    answer = client.post(url("lead-add"), typed, follow=True)

    assert "Acme is added." in text(answer)
    lead = Lead.objects.get()
    form = client.get(url("lead-edit", lead.pk)).context["form"]
    kept = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    assert client.post(url("lead-edit", lead.pk), kept).status_code == 302
    lead.refresh_from_db()
    assert lead.revision == 1


def test_a_lead_that_nobody_can_reach_is_refused_beside_the_field(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    answer = signed_in(coordinator).post(url("lead-add"), {"source": "web", "name": "Ann"})

    assert answer.status_code == 400
    assert "email" in answer.context["form"].errors


def test_two_who_edit_at_once_see_both_versions(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    lead, client = sales.lead(company="Acme"), signed_in(coordinator)
    form = client.get(url("lead-edit", lead.pk)).context["form"]
    typed = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    client.post(url("lead-edit", lead.pk), typed | {"company": "First"})

    answer = client.post(url("lead-edit", lead.pk), typed | {"company": "Second"})

    assert answer.status_code == 409
    assert "First" in text(answer)
