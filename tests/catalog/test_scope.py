"""What of the catalog a person sees: subtrees of families and markets, both at once."""

import pytest

from catalog.models import Cost, Price, Scope
from catalog.selectors import (
    costs_visible_to,
    demand_units_visible_to,
    families_below,
    families_visible_to,
    markets_below,
    markets_visible_to,
    prices_visible_to,
    products_visible_to,
    sites_visible_to,
)
from core.models import Person
from tests.catalog.conftest import Shop

ALWAYS = "[2026-01-01,)"


def test_everything_below_a_family_comes_in_one_query(shop: Shop, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        found = set(families_below([shop.drinks.pk]))

    assert found == {shop.drinks, shop.coffee}


def test_everything_below_no_market_is_nothing(shop: Shop) -> None:
    assert not markets_below([]).exists()


def test_a_person_without_scope_sees_everything(shop: Shop, analyst: Person) -> None:
    assert products_visible_to(analyst).count() == 3
    assert demand_units_visible_to(analyst).count() == 6


def test_a_family_scope_opens_its_whole_subtree_and_nothing_else(shop: Shop, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=shop.drinks)

    assert set(families_visible_to(analyst)) == {shop.drinks, shop.coffee}
    assert set(products_visible_to(analyst)) == {shop.espresso, shop.lemonade}
    assert set(markets_visible_to(analyst)) == {shop.europe, shop.france, shop.asia}


def test_family_and_market_scopes_hold_both_at_once(shop: Shop, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)
    Scope.objects.create(person=analyst, market=shop.europe)

    assert list(demand_units_visible_to(analyst)) == [shop.unit_of(shop.espresso, shop.france)]


def test_two_family_scopes_open_both_families(shop: Shop, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)
    Scope.objects.create(person=analyst, family=shop.snacks)

    assert set(products_visible_to(analyst)) == {shop.espresso, shop.crisps}


def test_a_scope_of_one_person_does_not_narrow_another(
    shop: Shop, analyst: Person, colleague: Person
) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)

    assert products_visible_to(colleague).count() == 3


def test_a_price_that_holds_everywhere_is_seen_from_every_market(shop: Shop, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=shop.asia)
    everywhere = Price.objects.create(product=shop.crisps, currency=shop.euro, amount=2, valid=ALWAYS)
    Price.objects.create(product=shop.crisps, market=shop.france, currency=shop.euro, amount=3, valid=ALWAYS)

    assert list(prices_visible_to(analyst)) == [everywhere]


def test_a_site_without_a_market_is_seen_from_every_market(shop: Shop, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=shop.asia)

    assert not sites_visible_to(analyst).exists()


@pytest.mark.parametrize(
    ("person", "sees"), [("analyst", True), ("executive", True), ("sales_manager", False)]
)
def test_costs_are_seen_only_with_the_right_to_see_them(
    shop: Shop, request: pytest.FixtureRequest, person: str, sees: bool
) -> None:
    Cost.objects.create(product=shop.crisps, currency=shop.euro, amount=1, valid=ALWAYS)

    assert costs_visible_to(request.getfixturevalue(person)).exists() is sees


def test_a_scoped_list_costs_two_queries(shop: Shop, analyst: Person, django_assert_num_queries) -> None:
    Scope.objects.create(person=analyst, family=shop.drinks)

    with django_assert_num_queries(2):
        assert len([unit.product.family.name for unit in demand_units_visible_to(analyst)]) == 4
