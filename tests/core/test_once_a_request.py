"""What a person's scope says is read once for a page, and never older than the request."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Market, Scope
from catalog.selectors import markets_visible_to, reach_of
from core.models import Person
from core.once_a_request import keeping, once
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to

SignIn = Callable[[Person], Client]


@pytest.fixture
def tyrol(db: None) -> Market:
    return Market.objects.create(code="TYR", name="Tyrol")


def test_a_search_reads_the_scope_of_the_person_once(
    signed_in: SignIn, manager: Person, tyrol: Market
) -> None:
    client = signed_in(manager)

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("dashboards:search"), {"q": "tyrol"})

    assert len([one for one in asked if 'FROM "catalog_scope"' in one["sql"]]) == 1


def test_a_page_asked_again_sees_a_scope_that_was_narrowed_in_between(
    signed_in: SignIn, manager: Person, tyrol: Market
) -> None:
    Market.objects.create(code="VIE", name="Vienna")
    client, markets = signed_in(manager), reverse("catalog:market-list")
    assert "Vienna" in client.get(markets).text

    Scope.objects.create(person=manager, market=tyrol)

    assert "Vienna" not in client.get(markets).text


def test_two_people_of_one_request_are_not_mixed_up(
    analyst: Person, colleague: Person, tyrol: Market
) -> None:
    Scope.objects.create(person=analyst, market=tyrol)

    with keeping("GET"):
        assert reach_of(analyst).markets == (tyrol.pk,)
        assert reach_of(colleague).markets == ()


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", ""])
def test_a_request_that_changes_something_reads_anew(method: str, analyst: Person, tyrol: Market) -> None:
    with keeping(method):
        assert markets_visible_to(analyst).count() == 1
        Scope.objects.create(person=analyst, market=Market.objects.create(code="VIE", name="Vienna"))

        assert [market.code for market in markets_visible_to(analyst)] == ["VIE"]


def test_who_works_outside_of_a_request_reads_anew(sales_manager: Person) -> None:
    Account.objects.create(code="A1", name="One", owner=Rep.objects.create(code="SAM", name="Sam"))
    assert not accounts_visible_to(sales_manager).exists()

    Rep.objects.update(person=sales_manager)

    assert accounts_visible_to(sales_manager).exists()


def test_what_was_kept_for_a_request_is_gone_after_it_even_when_it_failed() -> None:
    with pytest.raises(ZeroDivisionError), keeping("GET"):
        once("question", lambda: 1)
        raise ZeroDivisionError

    assert once("question", lambda: 2) == 2
