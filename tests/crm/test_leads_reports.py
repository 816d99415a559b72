"""What became of leads: by source and reason, with cost; and the agreement of marketing and sales."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Denied, Invalid
from core.models import Person
from crm.models import Deal, DealStage, Lead, LeadAgreement, LeadCost, LeadSource
from crm.selectors.lead_reports import Period, agreed_months, altogether, by_reason, by_source
from crm.services.lead_setup import add_row
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
MARCH = dt.date(2026, 3, 1)
THIS = Period(MARCH, MARCH)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SignedIn = Callable[[Person], Client]


def put(source: LeadSource, **values: Any) -> Lead:
    """A lead as it is after somebody worked on it."""
    usual = {"arrived": NOW, "due": NOW + 4 * HOUR, "company": "Acme"}
    return Lead.objects.create(source=source, **(usual | values))


@pytest.fixture
def worked(sales: Sales) -> Sales:
    """Six leads of the web: two deals (one won), one disqualified, two late, one merged; one of a fair."""
    won = DealStage.objects.create(code="WON", name="Won", position=9, kind="won", probability=1)
    deal = Deal.objects.create(source="here", external_id="1", stage=won, base_amount=Decimal(5000))
    in_time = {"answered": NOW + HOUR, "response_hours": Decimal(1)}
    put(sales.web, state="converted", converted=NOW + 10 * DAY, deal=deal, **in_time)
    put(sales.web, state="converted", converted=NOW + 21 * DAY, **in_time)
    put(sales.web, state="disqualified", disqualified_because="No budget", **in_time)
    put(sales.web, state="working", answered=NOW + DAY, breaches=1, response_hours=Decimal(8))
    first = put(sales.web, due=NOW - HOUR)  # late and not answered
    put(sales.web, duplicate_of=first)
    put(sales.fair, state="qualified", arrived=NOW - 40 * DAY, **in_time)
    LeadCost.objects.create(source=sales.web, month=MARCH, amount=Decimal(1000))
    LeadCost.objects.create(source=sales.web, month=dt.date(2026, 2, 1), amount=Decimal(77))
    return sales


def test_a_source_is_judged_by_what_it_brought_and_cost(worked: Sales, analyst: Person) -> None:
    (web,) = by_source(analyst, THIS)

    assert (web.leads, web.answered, web.disqualified, web.qualified, web.converted) == (5, 4, 1, 2, 2)
    assert (web.judged, web.in_time, web.in_time_share) == (5, 3, 0.6)
    assert (web.conversion, web.response, web.lag) == (0.4, 1.0, 15.5)
    assert (web.cost, web.cost_per_lead, web.cost_per_deal, web.won) == (1000, 200, 500, 5000)


def test_a_longer_period_has_more_of_everything(worked: Sales, analyst: Person) -> None:
    longer = Period(dt.date(2026, 1, 1), MARCH)

    assert [(one.name, one.leads) for one in by_source(analyst, longer)] == [
        ("Web site", 5),
        ("Spring fair", 1),
    ]
    total = altogether(analyst, longer)
    assert (total.leads, total.cost) == (6, 1077)


def test_a_source_that_only_cost_is_there(sales: Sales, analyst: Person) -> None:
    LeadCost.objects.create(source=sales.fair, month=MARCH, amount=Decimal(300))

    (fair,) = by_source(analyst, THIS)

    assert (fair.name, fair.leads, fair.cost, fair.cost_per_lead, fair.conversion) == (
        "Spring fair",
        0,
        300,
        None,
        None,
    )


def test_reasons_are_counted(worked: Sales, analyst: Person) -> None:
    assert by_reason(analyst, THIS) == [("No budget", 1)]


def test_a_month_is_of_the_company_s_time(sales: Sales, analyst: Person) -> None:
    put(sales.web, arrived=dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC))

    assert altogether(analyst, THIS).leads == 1
    assert altogether(analyst, Period(dt.date(2026, 4, 1), dt.date(2026, 4, 1))).leads == 0


def test_a_rep_s_report_is_of_what_the_rep_sees(worked: Sales, sales_rep: Person) -> None:
    Lead.objects.filter(state="converted").update(owner=worked.rita)
    Lead.objects.exclude(state="converted").update(owner=worked.paul)

    assert altogether(sales_rep, THIS).leads == 2


def test_promised_is_set_against_delivered_and_worked_in_time(
    worked: Sales, analyst: Person, manager: Person
) -> None:
    LeadAgreement.objects.create(month=MARCH, promised=5, in_time_percent=60, owner=manager)

    (march,) = agreed_months(analyst, THIS)

    assert (march.arrived, march.delivered, march.missing) == (5, 4, 1)
    assert (march.in_time, march.judged, march.in_time_share) == (3, 5, 0.6)
    assert (march.marketing_kept, march.sales_kept) == (False, True)


def test_a_month_without_leads_or_without_a_promise_is_no_verdict(
    sales: Sales, analyst: Person, manager: Person
) -> None:
    LeadAgreement.objects.create(month=MARCH, promised=0, in_time_percent=90, owner=manager)
    put(sales.web, arrived=NOW - 40 * DAY, due=None)

    march, january = agreed_months(analyst, Period(dt.date(2026, 1, 1), MARCH))

    assert (march.marketing_kept, march.sales_kept) == (True, None)
    assert (january.agreement, january.missing, january.marketing_kept) == (None, None, None)


def test_the_pages_show_it(worked: Sales, coordinator: Person, signed_in: SignedIn) -> None:
    LeadAgreement.objects.create(month=MARCH, promised=5, in_time_percent=60, owner=coordinator)
    client, asked = signed_in(coordinator), {"first": "2026-03", "last": "2026-03"}

    sources = client.get(reverse("crm:lead-source-list"), asked).content.decode()
    agreement = client.get(reverse("crm:lead-agreement"), asked).content.decode()

    assert "No budget" in sources
    assert "40.0\u202f%" in sources
    assert "1 of 1 months brought fewer leads than promised" in agreement
    assert "missed" in agreement


def test_months_that_cannot_be_are_refused_beside_the_field(
    sales: Sales, analyst: Person, signed_in: SignedIn
) -> None:
    asked = {"first": "2026-05", "last": "2026-03"}

    answer = signed_in(analyst).get(reverse("crm:lead-source-list"), asked)

    assert "The last month lies before the first." in answer.content.decode()


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_month_at_the_end_of_the_calendar_is_refused(
    year: str, analyst: Person, signed_in: SignedIn, api: Callable[[Person], APIClient]
) -> None:
    page = signed_in(analyst).get(
        reverse("crm:lead-source-list"), {"first": f"{year}-12", "last": f"{year}-12"}
    )
    assert "Choose a month from 1990 to 2100." in page.content.decode()
    asked = {"first": f"{year}-12-01", "last": f"{year}-12-01"}
    assert api(analyst).get("/api/v1/lead-report/", asked).status_code == 400


def test_sources_costs_and_agreements_are_kept_by_the_pages(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    client = signed_in(coordinator)

    client.post(reverse("crm:lead-source-add"), {"code": "mail", "name": "Mailing", "is_active": "on"})
    mail = LeadSource.objects.get(code="mail")
    client.post(reverse("crm:lead-cost-add", args=[mail.pk]), {"month": "2026-03", "amount": "120"})
    cost = LeadCost.objects.get()
    client.post(
        reverse("crm:lead-cost-edit", args=[cost.pk]), {"month": "2026-03", "amount": "130", "revision": "1"}
    )
    typed = {"month": "2026-03", "promised": "40", "in_time_percent": "90", "owner": coordinator.email}
    client.post(reverse("crm:lead-agreement-add"), typed)

    cost.refresh_from_db()
    assert cost.amount == 130
    agreement = LeadAgreement.objects.get()
    edit = reverse("crm:lead-agreement-edit", args=[agreement.pk])
    client.post(edit, typed | {"promised": "50", "revision": "1"})
    agreement.refresh_from_db()
    assert agreement.promised == 50
    page = client.get(reverse("crm:lead-source", args=[mail.pk])).content.decode()
    assert "130.00" in page
    client.post(reverse("crm:lead-cost-remove", args=[cost.pk]))
    assert not LeadCost.objects.exists()


def test_an_open_form_shows_its_address(sales: Sales, coordinator: Person, signed_in: SignedIn) -> None:
    client, page = signed_in(coordinator), reverse("crm:lead-source", args=[sales.web.pk])
    assert "/ask/web/" not in client.get(page).content.decode()

    typed = {"code": "web", "name": "Web", "is_active": "on", "takes_form": "on", "revision": "1"}
    client.post(reverse("crm:lead-source-edit", args=[sales.web.pk]), typed)

    assert "/ask/web/" in client.get(page).content.decode()


def test_a_month_is_agreed_once_and_only_by_who_manages_leads(
    sales: Sales, coordinator: Person, sales_rep: Person
) -> None:
    def agree(actor: Person) -> LeadAgreement:
        row = LeadAgreement(month=MARCH, promised=1, in_time_percent=1, owner=coordinator)
        return add_row(actor=actor, row=row)

    agree(coordinator)
    with pytest.raises(Invalid):
        agree(coordinator)
    with pytest.raises(Denied):
        agree(sales_rep)
