"""A lead breaches its hours and moves; a rep claims one and makes it a deal; a stranger asks."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import Person
from crm.models import DealStage, Lead, LeadAgreement, LeadCost, LeadSource, Rep, RoutingRule
from crm.pipeline.lead_giving import move_overdue
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.crm.lead_world import Sales, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def sales(sales_rep: Person, sales_manager: Person) -> Sales:
    """The sales force by the real clock."""
    return build(sales_rep, sales_manager)


def test_a_lead_that_nobody_answers_moves_to_the_next_rep_who_answers_it(
    sales: Sales, sales_rep: Person, open_page: OpenPage, sign_in: SignIn
) -> None:
    lead = sales.lead(company="Acme", text="How much?")
    paul = Person.objects.get(email="paul@example.com")
    ritas, pauls = sign_in(open_page(), sales_rep), sign_in(open_page(), paul)
    ritas.goto(reverse("crm:lead", args=[lead.pk]))
    expect(ritas.get_by_role("button", name="Mark as answered")).to_be_visible()
    pauls.goto(reverse("crm:lead-list"))
    expect(pauls.get_by_text("Acme")).to_have_count(0)

    Lead.objects.filter(pk=lead.pk).update(due=timezone.now() - HOUR)
    ritas.goto(f"{reverse('crm:lead-list')}?answer=late")
    expect(ritas.get_by_role("row", name="Acme")).to_contain_text("late by 1 h")
    move_overdue(timezone.now())

    ritas.goto(reverse("core:notifications"))
    expect(ritas.get_by_text("Not answered in time: Acme went from Rita Rep to Paul Pitch")).to_be_visible()
    pauls.goto(reverse("core:notifications"))
    pauls.get_by_text("A lead for you: Acme").first.click()
    expect(pauls.locator("#timeline")).to_contain_text("Not answered in time")
    pauls.get_by_role("button", name="Mark as answered").click()
    expect(pauls.get_by_text("Acme is answered.")).to_be_visible()
    assert violations(pauls) == []
    lead.refresh_from_db()
    assert (lead.owner, lead.state, lead.breaches) == (sales.paul, "working", 1)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_rep_claims_a_lead_and_makes_it_a_deal_with_and_without_javascript(
    sales: Sales, sales_rep: Person, open_page: OpenPage, sign_in: SignIn, scripts: bool
) -> None:
    DealStage.objects.create(code="FIRST", name="First", position=1, probability=0)
    lead = sales.lead(company="Acme", market=sales.north)
    page = sign_in(open_page(scripts=scripts), sales_rep)
    page.goto(f"{reverse('crm:lead-list')}?claim=true")
    page.get_by_role("link", name="Acme").click()

    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("Acme is yours.")).to_be_visible()
    page.get_by_role("button", name="Mark as answered").click()
    page.get_by_role("button", name="Qualify").click()
    page.get_by_role("link", name="Make it a deal").click()
    page.get_by_label("Name of the deal").fill("First order")
    page.get_by_label("Amount").fill("1200")
    page.get_by_role("button", name="Make it a deal").click()

    expect(page.get_by_text("Acme is a deal now.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.deal is not None
    assert (lead.deal.name, int(lead.deal.amount or 0)) == ("First order", 1200)


def test_a_stranger_asks_and_the_lead_is_there(
    sales: Sales, sales_manager: Person, open_page: OpenPage, sign_in: SignIn
) -> None:
    LeadSource.objects.filter(pk=sales.web.pk).update(takes_form=True)
    page = open_page(viewport=PHONE)
    page.goto(reverse("crm:lead-form", args=["web"]))
    assert violations(page) == []
    assert sideways(page) <= 0
    expect(page.get_by_label("Leave this empty")).not_to_be_in_viewport()

    page.get_by_label("Your name").fill("Ann Buyer")
    page.get_by_label("E-mail").fill("ann@acme.example")
    page.get_by_label("What can we do for you?").fill("How much?")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Lead.objects.get().owner == sales.otto


@pytest.mark.slow
@pytest.mark.parametrize(("dark", "viewport"), [(False, None), (True, None), (False, PHONE)])
def test_every_page_of_leads_is_accessible_and_fits(
    sales: Sales, coordinator: Person, open_page: OpenPage, sign_in: SignIn, dark: bool, viewport: object
) -> None:
    first = sales.lead(company="Acme", text="How much?", phone="030 1234567")
    sales.lead(company="ACME", phone="030 1234567")
    RoutingRule.objects.create(position=3, name="Big", least_employees=500)
    month = timezone.localdate().replace(day=1)
    cost = LeadCost.objects.create(source=sales.web, month=month, amount=100)
    LeadAgreement.objects.create(month=month, promised=3, in_time_percent=80, owner=coordinator)
    seat = Rep.objects.get(code="RITA").seats.get()
    page: Page = sign_in(open_page(dark=dark, **({"viewport": viewport} if viewport else {})), coordinator)
    addresses = [
        *(reverse(f"crm:{name}") for name in ("lead-list", "lead-add", "lead-routing", "routing-rule-add")),
        *(reverse(f"crm:{name}") for name in ("lead-source-list", "lead-agreement", "absence-list")),
        *(reverse(f"crm:{name}") for name in ("lead-source-add", "lead-agreement-add", "absence-add")),
        *(
            reverse(f"crm:{name}", args=[first.pk])
            for name in ("lead", "lead-edit", "lead-give", "lead-merge")
        ),
        reverse("crm:lead-disqualify", args=[first.pk]),
        reverse("crm:routing-rule", args=[sales.rule.pk]),
        reverse("crm:routing-seat-edit", args=[seat.pk]),
        reverse("crm:lead-source", args=[sales.web.pk]),
        reverse("crm:lead-cost-edit", args=[cost.pk]),
        f"{reverse('crm:lead-routing')}?market=TYR&try=yes",
    ]

    found = {}
    for address in addresses:
        page.goto(address)
        if wrong := [*violations(page), *(["sideways"] if sideways(page) > 0 else [])]:
            found[address] = wrong

    assert found == {}
