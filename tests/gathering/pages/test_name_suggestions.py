"""Known rows that look like an unknown name."""

import pytest

from catalog.models import Family, Product, Unit
from gathering.models.imports import MappingKind
from gathering.selectors.name_suggestions import TARGETS, suggestions_for, targets_like

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> None:
    unit = Unit.objects.create(code="pc", name="Piece")
    family = Family.objects.create(code="F", name="Machines")
    for code, name in [("ESP-100", "Espresso machine Uno"), ("GRD-7", "Grinder Seven")]:
        Product.objects.create(code=code, name=name, family=family, unit=unit)


def test_every_kind_of_name_has_a_table_to_look_in() -> None:
    assert set(TARGETS) == set(MappingKind)


def test_a_misspelt_name_suggests_the_product(products: None) -> None:
    found = suggestions_for([("product", "Espreso machine uno")])

    (best,) = found["product", "Espreso machine uno"]
    assert best.code == "ESP-100"
    assert 0.5 < best.likeness < 1


def test_a_code_written_otherwise_suggests_the_product(products: None) -> None:
    assert suggestions_for([("product", "ESP 100")])["product", "ESP 100"][0].code == "ESP-100"


def test_a_name_like_nothing_gets_no_suggestion(products: None) -> None:
    assert ("product", "zzz") not in suggestions_for([("product", "zzz")])


def test_names_of_many_kinds_take_one_query_a_kind(products: None, django_assert_num_queries) -> None:
    names = [("product", f"Espresso {n}") for n in range(30)] + [("unit", "Piece"), ("unit", "pieces")]

    with django_assert_num_queries(2):
        suggestions_for(names)


def test_rows_are_found_by_a_part_of_code_or_name(products: None) -> None:
    assert [row.code for row in targets_like("product", "grind")] == ["GRD-7"]
    assert [row.code for row in targets_like("product", "esp-")] == ["ESP-100"]
