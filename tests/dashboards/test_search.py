"""Search finds by code and name, best first, within right and scope."""

from collections.abc import Callable

import pytest

from catalog.models import Scope
from core.models import Person
from tests.gathering.world import World


def test_an_exact_code_opens_its_page(world: World, analyst: Person, signed_in: Callable) -> None:
    answer = signed_in(analyst).get("/search/?q=ridge")

    assert answer.status_code == 302
    assert str(world.ridge.pk) in answer.url


def test_a_part_of_a_name_lists_what_fits_the_best_first(
    world: World, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world.product("X1", name="Long slope pole")
    client = signed_in(analyst)

    with pinned_queries():
        groups = dict(client.get("/search/?q=Slop").context["groups"])

    assert [hit.text for hit in groups["Products"]] == ["Slope 70", "Long slope pole"]


def test_a_misspelt_name_is_still_found(world: World, analyst: Person, signed_in: Callable) -> None:
    groups = dict(signed_in(analyst).get("/search/?q=Innsbruk").context["groups"])

    assert [hit.text for hit in groups["Sites"]] == ["Innsbruck"]


def test_scope_holds_in_search(world: World, analyst: Person, signed_in: Callable) -> None:
    Scope.objects.create(person=analyst, family=world.touring)
    client = signed_in(analyst)

    assert client.get("/search/?q=SLOPE").status_code == 200
    assert "Products" not in dict(client.get("/search/?q=Slope").context["groups"])


def test_a_kind_without_the_right_is_left_out(world: World, sales_rep: Person, signed_in: Callable) -> None:
    assert signed_in(sales_rep).get("/search/?q=Ridge").context["groups"] == []


@pytest.mark.parametrize("text", ["", "a", "%%", "'; --", "\x00", "ä" * 500])
def test_any_text_is_answered(text: str, analyst: Person, signed_in: Callable) -> None:
    assert signed_in(analyst).get("/search/", {"q": text}).status_code == 200
