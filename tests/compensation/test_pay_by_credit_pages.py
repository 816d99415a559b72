"""From a line for a whole period to its credits and their shares: page, file, API, dispute."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from compensation.models import ContractMonth, Dispute, PayLine, PayRun
from compensation.services.statement_files import content_of
from core.explain import address
from core.models import Person
from crm.models import Deal, Rep, Team, TeamMembership
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    moved,
)
from tests.compensation.test_pay_by_credit import terms

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
Pinned = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def paid(sales_rep: Person) -> tuple[PayRun, Deal, Deal]:
    """Rita and Bob share a team's curve: an approved January with a deal of each."""
    version = plan_of(terms(measure={"of": "bookings", "whose": "team"}))
    rita, bob = rep_on(version, "rita", person=sales_rep), rep_on(version, "bob")
    team = Team.objects.create(code="north", name="North")
    for rep in (rita, bob):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
    mine, other = deal(rita, 10_000, JANUARY), deal(bob, 20_000, JANUARY)
    return moved(calculated(JANUARY), "take", "review", "approve"), mine, other


def line_of(run: PayRun, code: str = "rita") -> PayLine:
    return PayLine.objects.get(statement__run=run, statement__rep__code=code)


def page_of(line: PayLine) -> str:
    return reverse("compensation:line-credits", args=[line.pk])


def test_the_statement_and_the_line_lead_to_what_made_it(
    signed_in: SignedIn, sales_rep: Person, paid: tuple[PayRun, Deal, Deal]
) -> None:
    client, line = signed_in(sales_rep), line_of(paid[0])
    statement = client.get(reverse("compensation:statement", args=[line.statement_id]))
    assert page_of(line) in statement.content.decode()
    why = client.get(address("pay_line", line.pk)).content.decode()
    assert page_of(line) in why
    assert "2 credits, each with its proportional share" in why


def test_the_page_shows_each_deal_with_what_counted_and_its_share(
    signed_in: SignedIn, manager: Person, paid: tuple[PayRun, Deal, Deal], pinned_queries: Pinned
) -> None:
    run, mine, other = paid
    client = signed_in(manager)
    with pinned_queries("compensation: credits of a line"):
        text = client.get(page_of(line_of(run))).content.decode()
    assert mine.name in text
    assert other.name in text
    assert "in proportion to the amount with which it counted" in text
    rows = client.get(page_of(line_of(run)) + "?export=csv&sort=share")
    found = b"".join(rows).decode().splitlines()[1:]
    assert [line.split(",")[-2:] for line in found] == [
        ["10000.0000", "1000.0000"],
        ["20000.0000", "2000.0000"],
    ]


def test_a_rep_sees_the_own_credits_and_only_the_sum_of_the_colleagues(
    signed_in: SignedIn, sales_rep: Person, paid: tuple[PayRun, Deal, Deal]
) -> None:
    run, mine, other = paid
    text = signed_in(sales_rep).get(page_of(line_of(run))).content.decode()
    assert mine.name in text
    assert other.name not in text
    assert "Of 1 credits of colleagues" in text


def test_nobody_comes_to_the_credits_of_anothers_line(
    signed_in: SignedIn, api: Api, sales_rep: Person, paid: tuple[PayRun, Deal, Deal]
) -> None:
    theirs = line_of(paid[0], "bob")
    assert signed_in(sales_rep).get(page_of(theirs)).status_code == 404
    assert api(sales_rep).get(f"/api/v1/pay-lines/{theirs.pk}/credits/").status_code == 404


def test_the_api_gives_the_same(
    api: Api, manager: Person, sales_rep: Person, paid: tuple[PayRun, Deal, Deal]
) -> None:
    run, mine, other = paid
    url = f"/api/v1/pay-lines/{line_of(run).pk}/credits/"
    rows: list[dict[str, Any]] = api(manager).get(url).json()["results"]
    assert [(row["deal"], row["counted"], row["share"]) for row in rows] == [
        (other.pk, "20000.0000", "2000.0000"),
        (mine.pk, "10000.0000", "1000.0000"),
    ]
    assert [row["deal"] for row in api(sales_rep).get(url).json()["results"]] == [mine.pk]


def test_the_paper_has_the_own_deals_below_the_line_and_of_colleagues_only_what_is_left(
    paid: tuple[PayRun, Deal, Deal],
) -> None:
    run, mine, _ = paid
    rows = content_of(line_of(run).statement)["lines"]
    assert [(row["label"], row["pay"]) for row in rows] == [
        ("The whole period", "3\u202f000.00"),
        (f"– {mine.name}", "(1\u202f000.00)"),
        ("– 1 more credits", "(2\u202f000.00)"),
    ]


def test_a_line_of_one_deal_says_that_there_is_nothing_to_share(signed_in: SignedIn, manager: Person) -> None:
    ann: Rep = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    page = signed_in(manager).get(page_of(line_of(calculated(JANUARY), "ann")))
    assert "No credit made this line" in page.content.decode()


def test_a_deal_of_such_a_line_is_disputed_by_name(
    signed_in: SignedIn, sales_rep: Person, paid: tuple[PayRun, Deal, Deal]
) -> None:
    run, mine, _ = paid
    client, line = signed_in(sales_rep), line_of(run)
    address = f"{reverse('compensation:dispute-add')}?line={line.pk}&deal={mine.pk}"
    assert address.replace("&", "&amp;") in client.get(page_of(line)).content.decode()
    assert f'<option value="{mine.pk}" selected' in client.get(address).content.decode()
    sent = {
        "statement": line.statement_id,
        "line": line.pk,
        "about": "amount",
        "deal": mine.pk,
        "text": "More",
    }
    client.post(address, sent)
    raised = Dispute.objects.get()
    assert (raised.line, raised.deal, raised.line.pay) == (line, mine, Decimal(3000))


def test_the_costs_of_contracts_take_the_shares(paid: tuple[PayRun, Deal, Deal]) -> None:
    """Two people were paid for both deals."""
    run, mine, other = paid
    moved(run, "lock")
    costs = ContractMonth.objects.filter(run=run).values_list("deal", "paid")
    assert dict(costs) == {mine.pk: 2000, other.pk: 4000}
