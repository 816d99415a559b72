"""Trees: counts, paths, and no row below itself, not even by raw SQL or by two moves at once."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Family
from catalog.selectors import family_tree, market_tree, path_of, subtree
from catalog.services import change_master
from core.errors import Invalid
from core.models import Person
from tests.catalog.conftest import Shop


def test_a_family_counts_its_own_products_and_those_below(shop: Shop, analyst: Person) -> None:
    drinks = subtree(family_tree(analyst), shop.drinks.pk)

    assert drinks is not None
    assert (drinks.own, drinks.total) == (1, 2)


def test_a_market_counts_demand_units(shop: Shop, analyst: Person) -> None:
    europe = subtree(market_tree(analyst), shop.europe.pk)

    assert europe is not None
    assert (europe.own, europe.total) == (0, 3)


def test_the_path_of_a_family_begins_at_the_root(shop: Shop, django_assert_num_queries) -> None:
    arabica = Family.objects.create(code="ARA", name="Arabica", parent=shop.coffee)

    with django_assert_num_queries(1):
        assert path_of(arabica) == [shop.drinks, shop.coffee]


def test_a_family_cannot_become_its_own_grandchild(shop: Shop, analyst: Person) -> None:
    with pytest.raises(Invalid, match="cannot lie below itself") as refusal:
        change_master(actor=analyst, row=shop.drinks, revision=1, changes={"parent": shop.coffee})

    assert refusal.value.reasons[0].field == "parent"


def test_raw_sql_cannot_make_a_circle(shop: Shop) -> None:
    with pytest.raises(IntegrityError, match="cannot lie below itself"), transaction.atomic():
        Family.objects.filter(pk=shop.drinks.pk).update(parent=shop.coffee)
