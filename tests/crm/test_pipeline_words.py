"""What the pages of the pipeline say of their numbers, and how one leads to the next."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Person
from crm.models import Rep
from tests.crm.pipeline_world import a_way_of_selling, day, tell

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _a_week(sales_rep: Person) -> None:
    """One deal is won, one is lost, and one changed hands; Ben signs in."""
    a_way_of_selling()
    Rep.objects.filter(code="BEN").update(person=sales_rep)
    for name in ("won", "lost", "given"):
        tell(name, 30, name=f"The {name}", stage="offer", amount=100, owner="INA", account="ALDER")
    tell("won", 2, stage="won", closed=day(2))
    tell("lost", 2, stage="lost", lost_reason="Price")
    tell("given", 2, owner="BEN")


def test_a_won_deal_leaves_the_bridge_in_a_colour_and_with_words_of_its_own(
    manager: Person, signed_in: SignIn
) -> None:
    chart = signed_in(manager).get(reverse("crm:pipeline-changes")).context["chart"]["data"]

    assert {step["name"]: step.get("role") for step in chart["steps"] if "total" not in step} == {
        "Won": "won",
        "Lost": None,
    }
    assert "as a sale" in next(one["name"] for one in chart["legend"] if one["role"] == "won")


@pytest.mark.parametrize(("asked", "says"), [({}, False), ({"rep": "BEN"}, True), ({"team": "none"}, True)])
def test_a_narrowed_bridge_says_that_deals_belong_to_whom_they_belong_today(
    manager: Person, signed_in: SignIn, asked: dict[str, str], says: bool
) -> None:
    page = signed_in(manager).get(reverse("crm:pipeline-changes"), asked)

    assert ("is told as of today" in page.text) is says
    assert ("See the deals that changed hands" in page.text) is says


def test_a_rep_is_told_that_a_deal_that_was_handed_over_counts_at_both_ends(
    sales_rep: Person, signed_in: SignIn
) -> None:
    page = signed_in(sales_rep).get(reverse("crm:pipeline-changes"))
    bridge = page.context["chart"]["data"]["steps"]

    assert "is told as of today" in page.text
    assert [step["value"] for step in bridge] == [100, 100]


def test_the_table_of_open_deals_leads_to_the_list_of_every_deal_and_back(
    manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    looks = {"rep": "INA"}

    table = client.get(reverse("crm:pipeline-table"), looks)
    every = client.get(_look(table, "Every deal"))
    back = client.get(_look(every, "Table"))

    assert _names(table) == set()
    assert _names(every) == {"The won", "The lost"}
    assert (back.request["PATH_INFO"], back.request["QUERY_STRING"]) == (
        reverse("crm:pipeline-table"),
        "rep=INA",
    )


def _look(page: Any, label: str) -> str:
    return next(one["url"] for one in page.context["looks"] if one["label"] == label)


def _names(page: Any) -> set[str]:
    return {deal.name for deal in page.context["page"].object_list}
