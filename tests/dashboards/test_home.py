"""Home says what needs me now, by role."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from core.models import Person
from gathering.models import UnmappedValue
from tests.gathering.world import World, month


def test_an_empty_company_is_told_to_import(analyst: Person, signed_in: Callable) -> None:
    assert "Import a file" in signed_in(analyst).get("/").content.decode()


def test_a_planner_sees_findings_names_and_imports_that_wait(
    world: World, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world.history(world.ridge_tyrol, 30)
    world.issue(severity="blocking", subject="Stock below zero", money=Decimal(900))
    UnmappedValue.objects.create(kind="product", value="Ridge 93", rows=4, money=800, first_run=world.run)
    world.new_run(state="checked", committed=None, file_name="waiting.csv")
    client = signed_in(analyst)

    with pinned_queries():
        page = client.get("/")

    text = page.content.decode()
    for words in ("Stock below zero", "Ridge 93", "waiting.csv"):
        assert words in text
    assert page.context["chart"]["data"]["series"][0]["values"][-1] == 1000.0


def test_my_late_sources_stand_before_those_of_others(
    world: World, coordinator: Person, analyst: Person, signed_in: Callable
) -> None:
    today = timezone.localdate()
    world.source(analyst, code="a", name="Of Ada", due_workday=1)
    world.source(coordinator, code="z", name="Of Cora", due_workday=1)
    if today.day < 4:
        pytest.skip("The first workday of this month is not over yet.")

    text = signed_in(coordinator).get("/").content.decode()

    assert text.index("Of Cora") < text.index("Of Ada")


def test_an_executive_sees_results_and_no_import_button(
    world: World, executive: Person, signed_in: Callable
) -> None:
    world.history(world.ridge_tyrol, 30)

    page = signed_in(executive).get("/")

    assert page.context["chart"]["title"].startswith("Twelve months")
    assert "/data/imports/start/" not in page.content.decode()


@pytest.mark.parametrize(
    "who", ["vp", "manager", "advisor", "sales_rep", "sales_manager", "effectiveness_manager"]
)
def test_everybody_has_a_home(who: str, request: pytest.FixtureRequest, signed_in: Callable) -> None:
    assert signed_in(request.getfixturevalue(who)).get("/").status_code == 200


def test_growth_is_told_against_the_year_before(world: World, analyst: Person, signed_in: Callable) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 10 if i < 12 else 15)

    page = signed_in(analyst).get("/")

    assert "up 50.0" in page.context["chart"]["title"]
    assert page.context["figures"][0]["change"].startswith("+50.0")
    assert f"{month(23):%B}" in page.context["figures"][0]["label"]
