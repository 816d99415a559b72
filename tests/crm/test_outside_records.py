"""Accounts, contacts and lines as CRMs push them: any order, any repetition, the same end."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import permutations

import pytest
from django.apps import apps
from django.db import transaction

from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import (
    Account,
    Contact,
    Deal,
    DealLine,
    Endpoint,
    EventState,
    OutsideRecord,
    Rep,
    ValueMapping,
)
from crm.pipeline.deal_lines import link_lines
from crm.pipeline.records import apply_events
from crm.pipeline.settling import Settled
from tests.crm.selling import MARCH, Selling, make_selling

pytestmark = pytest.mark.django_db


def event(entity: str, key: str, minute: int, kind: str = "change", **fields: str) -> Event:
    """An event so many minutes after nine; `merged_id` names the record that was merged into it."""
    merged = (fields.pop("merged_id"),) if "merged_id" in fields else ()
    occurred = MARCH + dt.timedelta(minutes=minute)
    return Event(entity, key, EventKind(kind), occurred, f"{entity} {key} {minute}", 0, fields, merged)


def tell(*events: Event, source: str = "crm") -> list[Settled]:
    return [settled for one in events for settled in apply_events(source, one.entity, [one])]


def outcomes(settled: Iterable[Settled]) -> list[str]:
    return [one.outcome.value for one in settled]


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint.objects.create(provider="hubspot", source="crm", label="CRM")


@pytest.fixture
def selling(sales_rep: Person, sales_manager: Person) -> Selling:
    return make_selling(sales_rep, sales_manager)


def test_an_account_is_added_once_its_name_is_told_and_deals_find_it(
    endpoint: Endpoint, selling: Selling
) -> None:
    tell(event("account", "501", 1, numberofemployees="80"))
    assert not Account.objects.filter(code="501").exists()

    tell(event("account", "501", 2, name="Alpine Shop", city="Graz", zip="8010", hubspot_owner_id="RITA"))

    account = Account.objects.get(name="Alpine Shop")
    assert (account.code, account.employees, account.city, account.owner) == ("501", 80, "Graz", selling.rita)
    assert account.postcode == "8010"
    assert selling.tell("D-1", MARCH, stage="NEW", account="501").account == account


def test_an_account_of_the_same_name_is_taken_instead_of_a_second_one(endpoint: Endpoint) -> None:
    known = Account.objects.create(code="ERP-7", name="Alpine Shop")

    tell(event("account", "501", 1, name="Alpine Shop", country="Austria"))

    known.refresh_from_db()
    assert (Account.objects.count(), known.country) == (1, "Austria")
    assert ValueMapping.objects.get(value="501").target_code == "ERP-7"


def test_an_endpoint_that_adds_no_accounts_asks_for_a_mapping(endpoint: Endpoint) -> None:
    Endpoint.objects.update(adds_accounts=False)
    told = event("account", "501", 1, name="Alpine Shop", city="Graz")

    (settled,) = tell(told)

    assert settled.outcome == EventState.NEEDS_MAPPING
    assert [str(one) for one in settled.unknown] == ["account:501"]
    Account.objects.create(code="ERP-7", name="The Alpine shop Ltd")
    ValueMapping.objects.create(source="crm", kind="account", value="501", target_code="ERP-7")
    assert outcomes(tell(told)) == ["applied"]
    assert Account.objects.get().city == "Graz"


def test_any_order_of_an_accounts_events_ends_in_the_same_account(endpoint: Endpoint) -> None:
    history = [
        event("account", "501", 1, name="Alpine", city="Graz"),
        event("account", "501", 2, city="Linz", industry="Retail"),
        event("account", "501", 3, kind="delete"),
        event("account", "501", 4, kind="restore"),
        event("account", "501", 5, name="Alpine Shop"),
    ]
    ends = set()
    for order in permutations(history):
        with transaction.atomic():
            tell(*order, order[0])
            account = Account.objects.get()
            ends.add((account.code, account.name, account.city, account.industry, account.is_active))
            transaction.set_rollback(True)

    assert ends == {("501", "Alpine Shop", "Linz", "Retail", True)}


def test_an_account_that_is_gone_in_the_crm_is_inactive(endpoint: Endpoint) -> None:
    tell(event("account", "501", 1, name="Alpine Shop"), event("account", "501", 2, kind="delete"))

    assert outcomes(tell(event("account", "501", 0, name="Old news"))) == ["superseded"]
    assert not Account.objects.get(name="Alpine Shop").is_active


def test_a_merged_account_hands_its_deals_to_the_winner(endpoint: Endpoint, selling: Selling) -> None:
    tell(event("account", "501", 1, name="Alpine Shop"), event("account", "502", 1, name="Alpin Shop"))
    deal = selling.tell("D-1", MARCH, stage="NEW", account="502")

    tell(event("account", "501", 3, kind="merge", merged_id="502"))

    deal.refresh_from_db()
    winner, loser = Account.objects.get(code="501"), Account.objects.get(code="502")
    assert (deal.account, winner.is_active, loser.is_active) == (winner, True, False)
    assert selling.tell("D-2", MARCH, stage="NEW", account="502").account == winner


def test_parents_and_children_find_each_other_in_either_order(endpoint: Endpoint) -> None:
    tell(event("account", "2", 1, name="Branch", ParentId="1"), event("account", "1", 2, name="Head office"))

    assert Account.objects.get(code="2").parent == Account.objects.get(code="1")


def test_unknown_owners_wait_and_odd_values_are_refused_with_a_sentence(endpoint: Endpoint) -> None:
    unknown, odd, unused, changed = tell(
        event("account", "501", 1, name="Alpine", owner="nobody@example.com"),
        event("account", "501", 2, employees="many"),
        event("account", "501", 3, favourite_colour="blue"),
        event("account", "501", 4, kind="fetch"),
    )

    assert [str(one) for one in unknown.unknown] == ["owner:nobody@example.com"]
    assert (odd.outcome, odd.error) == (EventState.DEAD, "employees is 'many', which is not a whole number.")
    assert unused.outcome == EventState.SKIPPED and "favourite_colour" in unused.error
    assert changed.outcome == EventState.NEEDS_RECORD
    assert not Account.objects.exists()
    Rep.objects.create(code="N", name="Nobody", email="nobody@example.com")
    tell(event("account", "501", 1, name="Alpine", owner="nobody@example.com"))
    assert Account.objects.get().owner == Rep.objects.get()


def test_a_contact_stands_once_account_and_name_are_told_in_any_order(endpoint: Endpoint) -> None:
    tell(event("account", "501", 1, name="Alpine Shop"))
    history = [
        event("contact", "9", 1, firstname="Ada"),
        event("contact", "9", 2, lastname="Berg"),
        event("contact", "9", 3, associatedcompanyid="501"),
        event("contact", "9", 4, email="ada@example.com", jobtitle="Buyer"),
    ]
    for order in permutations(history):
        with transaction.atomic():
            tell(*order)
            contact = Contact.objects.get()
            assert (contact.name, contact.email, contact.job_title) == (
                "Ada Berg",
                "ada@example.com",
                "Buyer",
            )
            assert contact.account.name == "Alpine Shop"
            transaction.set_rollback(True)


def test_a_contact_that_is_deleted_there_is_forgotten_here(endpoint: Endpoint) -> None:
    tell(event("account", "501", 1, name="Alpine Shop"))
    tell(event("contact", "9", 2, name="Ada Berg", email="ada@example.com", account="501"))

    tell(event("contact", "9", 3, kind="delete"))

    assert not Contact.objects.exists()
    versions = str(list(apps.get_model("crm", "ContactEvent").objects.values()))
    assert "Ada" not in versions and "ada@" not in versions
    kept = OutsideRecord.objects.get(entity="contact")
    assert "Ada" not in str(kept.written) and "ada@" not in str(kept.written)
    assert outcomes(tell(event("contact", "9", 1, name="Ada Berg", account="501"))) == ["superseded"]
    assert not Contact.objects.exists()


def test_two_records_with_one_address_are_one_contact(endpoint: Endpoint) -> None:
    tell(event("account", "501", 1, name="Alpine Shop"))
    tell(event("contact", "9", 2, name="Ada Berg", email="ada@example.com", account="501"))
    tell(event("contact", "10", 3, name="A. Berg", email="Ada@example.com", account="501"))

    assert Contact.objects.get().name == "A. Berg"


def test_lines_may_be_told_before_their_deal(endpoint: Endpoint, selling: Selling) -> None:
    (settled,) = tell(event("line", "77", 1, deal="D-1", product="P1", quantity="3", price="40"))
    assert settled.outcome == EventState.APPLIED
    assert not DealLine.objects.exists()
    assert link_lines() == 0

    selling.tell("D-1", MARCH, stage="NEW")

    assert link_lines() == 1
    line = DealLine.objects.get()
    assert (line.product, line.quantity, line.amount) == (selling.product, 3, Decimal(120))
    assert link_lines() == 0


def test_any_order_of_a_lines_events_ends_in_the_same_line(endpoint: Endpoint, selling: Selling) -> None:
    selling.tell("D-1", MARCH, stage="NEW")
    selling.tell("D-2", MARCH, stage="NEW")
    history = [
        event("line", "77", 1, deal="D-1", product="P1", amount="100"),
        event("line", "77", 2, amount="120"),
        event("line", "77", 3, deal="D-2"),
        event("line", "77", 4, quantity="5"),
    ]
    ends = set()
    for order in permutations(history):
        with transaction.atomic():
            tell(*order, order[0])
            line = DealLine.objects.get()
            ends.add((line.deal.external_id, line.position, line.quantity, line.amount))
            transaction.set_rollback(True)

    assert ends == {("D-2", 1, Decimal(5), Decimal(120))}


def test_a_line_that_is_deleted_goes_and_comes_back_when_it_is_restored(
    endpoint: Endpoint, selling: Selling
) -> None:
    selling.tell("D-1", MARCH, stage="NEW")
    tell(event("line", "77", 1, deal="D-1", text="Freight", amount="80"))

    tell(event("line", "77", 2, kind="delete"))
    assert not DealLine.objects.exists()
    tell(event("line", "77", 3, kind="restore"))
    assert DealLine.objects.get().text == "Freight"


def test_amounts_that_are_no_numbers_and_unknown_products_change_nothing(
    endpoint: Endpoint, selling: Selling
) -> None:
    selling.tell("D-1", MARCH, stage="NEW")

    odd, unknown, endless = tell(
        event("line", "77", 1, deal="D-1", amount="a lot"),
        event("line", "77", 2, deal="D-1", product="P9", amount="5"),
        event("line", "77", 3, deal="D-1", amount="1e400"),
    )

    assert "is not a number" in odd.error and "sensible range" in endless.error
    assert [str(one) for one in unknown.unknown] == ["product:P9"]
    assert not DealLine.objects.exists()
    assert Deal.objects.count() == 1
