"""The pipeline by API: the same numbers as on the pages, and refusals with every reason."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Rep
from tests.crm.pipeline_world import a_way_of_selling, day, deal, tell

pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
ROOT = "/api/v1/pipeline"
VIEWS = ("board", "signs", "funnel", "cohorts", "changes", "coverage", "deals")


@pytest.fixture(autouse=True)
def _two_deals() -> None:
    a_way_of_selling()
    tell("a", 30, stage="prospect", amount=100, owner="INA", name="Alpha")
    tell("a", 2, stage="offer", amount=150, expected_close=day(1))
    tell("b", 29, stage="offer", amount=40, owner="BEN", expected_close=day(-60), next_step="Call")


def asked(client: APIClient, view: str, **query: Any) -> Any:
    answer = client.get(f"{ROOT}/{view}/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_board_by_api(api: Api, manager: Person) -> None:
    _, offer, _ = asked(api(manager), "board")

    assert (offer["stage"], offer["deals"], Decimal(offer["amount"])) == ("offer", 2, 190)
    assert [card["name"] for card in offer["cards"]] == ["Alpha", "b"]


def test_the_deals_by_api_carry_their_signs(api: Api, manager: Person) -> None:
    rows = {row["external_id"]: row for row in asked(api(manager), "deals")["results"]}

    assert rows["a"]["signs"] == ["overdue"]
    assert (rows["b"]["signs"], rows["b"]["category"], rows["b"]["weighted"]) == ([], "best_case", "16.0000")
    assert asked(api(manager), "deals", sign="slipping")["count"] == 1


def test_the_bridge_by_api_adds_up(api: Api, manager: Person) -> None:
    found = asked(api(manager), "changes")
    steps = {one["step"]: Decimal(one["amount"]) for one in found["steps"]}

    assert (Decimal(found["start"]["amount"]), Decimal(found["end"]["amount"])) == (140, 190)
    assert sum(steps.values()) == steps["raised"] == 50
    assert found["counts"]["forward"] == 1
    (row,) = found["deals"]
    assert (row["stage_before"], row["stage_after"], row["changes"]) == (
        "prospect",
        "offer",
        ["raised", "forward"],
    )


def test_funnel_cohorts_signs_and_coverage_by_api(api: Api, manager: Person) -> None:
    client = api(manager)

    assert {one["key"]: one["created"] for one in asked(client, "funnel", by="rep")["groups"]} == {
        "INA": 1,
        "BEN": 1,
    }
    assert sum(one["created"] for one in asked(client, "cohorts")) == 2
    assert {one["group"]: one["deals"] for one in asked(client, "signs")}["slipping"] == 1
    span = {"first": day(60).isoformat(), "last": day(-90).isoformat()}
    assert Decimal(asked(client, "coverage", **span)["total"]["open"]) == 190


def test_a_rep_gets_the_own_numbers_alone(api: Api, sales_rep: Person) -> None:
    Rep.objects.filter(code="BEN").update(person=sales_rep)
    client = api(sales_rep)

    assert asked(client, "deals")["count"] == 1
    assert Decimal(asked(client, "changes")["end"]["amount"]) == 40
    assert asked(client, "funnel")["all"]["created"] == 1
    assert client.get(f"{ROOT}/deals/{deal('a').pk}/").status_code == 404


@pytest.mark.parametrize("view", VIEWS)
def test_nobody_without_a_role_gets_numbers(api: Api, stranger: Person, view: str) -> None:
    assert api(stranger).get(f"{ROOT}/{view}/").status_code == 403


@pytest.mark.parametrize(
    ("view", "query", "field"),
    [
        ("board", {"order": "colour"}, "order"),
        ("funnel", {"by": "colour"}, "by"),
        ("funnel", {"created_from": "x"}, "created_from"),
        ("changes", {"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ("changes", {"until": "0001-01-01"}, "until"),
        ("changes", {"kind": "colour"}, "kind"),
        ("changes", {"place": "-1"}, "place"),
        ("coverage", {"rep": "NOBODY"}, "rep"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_its_field(
    api: Api, manager: Person, view: str, query: dict[str, str], field: str
) -> None:
    answer = api(manager).get(f"{ROOT}/{view}/", query)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["error"]["reasons"]] == [field]


def move(client: APIClient, **sent: Any) -> Any:
    return client.post(f"{ROOT}/deals/{deal('a').pk}/move/", sent)


def test_a_deal_is_moved_by_api(api: Api, manager: Person) -> None:
    answer = move(api(manager), stage="contract", revision=deal("a").revision)

    assert (answer.status_code, answer.json()["stage"]) == (200, "contract")
    assert deal("a").stage.code == "contract"


def test_moving_to_lost_needs_a_reason(api: Api, manager: Person) -> None:
    answer = move(api(manager), stage="lost", revision=deal("a").revision)

    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] == "lost_reason"
    assert deal("a").stage.code == "offer"


def test_a_stale_move_is_a_conflict(api: Api, manager: Person) -> None:
    answer = move(api(manager), stage="contract", revision=deal("a").revision - 1)

    assert (answer.status_code, answer.json()["error"]["theirs"]) == (409, {"stage": "Offer (offer)"})


def test_who_only_reads_moves_nothing(api: Api, analyst: Person) -> None:
    assert move(api(analyst), stage="contract", revision=deal("a").revision).status_code == 403


def test_a_won_deal_is_moved_back_by_api(api: Api, manager: Person) -> None:
    tell("a", 0.5, stage="won")

    assert move(api(manager), stage="offer", revision=deal("a").revision).status_code == 200
    assert (deal("a").stage.code, deal("a").closed) == ("offer", None)
