"""The pages and the API of supply planning: what they show, to whom, in how many queries."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Scope
from core.models import Job, Person
from planning.models import SupplyAction, SupplyRun, SupplyValue
from planning.selectors.supply import gaps_of
from planning.services.scenarios import add_scenario
from tests.planning.supply_world import SupplyWorld

SignedIn = Callable[[Person], Client]
Pinned = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def solved(supply: SupplyWorld) -> SupplyWorld:
    supply.freeze(500)
    supply.solve()
    return supply


def page(client: Client, supply: SupplyWorld, place: str, status: int = 200) -> str:
    answer = client.get(f"/cycles/{supply.cycle.pk}/{place}")
    assert answer.status_code == status, place
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def test_before_the_first_solve_the_page_says_what_to_do(
    supply: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    client = signed_in(analyst)
    assert "Solve the plan" in page(client, supply, "supply/")
    assert "No supply plan yet" in page(client, supply, "supply/grid/")
    assert "No scenario is solved" in page(client, supply, "scenarios/")


def test_the_page_shows_figures_reasons_gaps_and_costs(
    solved: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    shown = page(signed_in(analyst), solved, "supply/")

    for text in ("Delivered on time", "Highest load", "Press line is full", "Overload", "What it costs"):
        assert text in shown


def test_costs_are_hidden_from_those_who_may_not_see_them(
    solved: SupplyWorld, advisor: Person, signed_in: SignedIn, api: Callable[[Person], APIClient]
) -> None:
    client, run = signed_in(advisor), SupplyRun.objects.get()
    shown = page(client, solved, "supply/")
    assert "What it costs" not in shown
    assert "would save" not in shown
    assert "Margin" not in page(client, solved, "scenarios/")
    assert "Cost" not in page(client, solved, "supply/grid/?export=csv").splitlines()[0]
    by_api = api(advisor)
    summary = by_api.get(f"/api/v1/supply-runs/{run.pk}/").data["summary"]
    assert {"costs", "cost", "margin", "ending_stock_value"}.isdisjoint(summary)
    value = by_api.get(f"/api/v1/supply-values/?run={run.pk}").data["results"][0]
    assert value["cost"] is value["demand_price"] is None
    load = by_api.get(f"/api/v1/resource-loads/?run={run.pk}").data["results"][0]
    assert load["capacity_price"] is None


def test_a_scope_narrows_grid_items_export_and_api(
    solved: SupplyWorld, analyst: Person, signed_in: SignedIn, api: Callable[[Person], APIClient]
) -> None:
    world = solved.firm.world
    Scope.objects.create(person=analyst, family=world.touring)
    client = signed_in(analyst)

    for place in ("supply/grid/", "supply/grid/?export=csv"):
        shown = page(client, solved, place)
        assert "Ridge 92" in shown
        assert "Slope 70" not in shown
    page(client, solved, f"supply/items/{world.slope.pk}/{world.site.pk}/", 404)
    rows = api(analyst).get("/api/v1/supply-values/").data["results"]
    assert {row["product"] for row in rows} == {"RIDGE"}


def test_the_grid_is_filtered_to_one_row_and_one_product(
    solved: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    shown = page(signed_in(analyst), solved, "supply/grid/?measure=stock&q=ridge")
    assert "Slope 70" not in shown
    assert shown.count('<th scope="row">') == 1


def test_the_export_holds_every_month_of_the_filtered_items(
    solved: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    lines = page(signed_in(analyst), solved, "supply/grid/?export=csv&q=ridge").splitlines()
    assert len(lines) == 1 + 18
    assert lines[1].startswith("RIDGE,Ridge 92,INN,2026-01-01,1000.0")


def test_an_item_and_a_resource_say_why(solved: SupplyWorld, analyst: Person, signed_in: SignedIn) -> None:
    world, client = solved.firm.world, signed_in(analyst)
    item = page(client, solved, f"supply/items/{world.ridge.pk}/{world.site.pk}/")
    assert "Press line is full" in item
    assert "One more unit asked for" in item
    assert "Wanted for more than it has" in page(client, solved, f"supply/resources/{solved.firm.line.pk}/")
    page(client, solved, "supply/resources/999999/", 404)


def test_a_gap_is_decided_in_the_browser(solved: SupplyWorld, analyst: Person, signed_in: SignedIn) -> None:
    client, gap = signed_in(analyst), gaps_of(solved.cycle)[0]
    place = f"supply/gaps/{gap.key}/"
    assert "Overload: Press line" in page(client, solved, place)
    said = {"action": "outsource", "note": "", "owner": analyst.email, "due": "2026-01-20"}
    address = f"/cycles/{solved.cycle.pk}/{place}"

    wrong = client.post(address, said)
    right = client.post(address, said | {"note": "The partner takes it."})

    assert wrong.status_code == 400
    assert right.status_code == 302
    assert SupplyAction.objects.get().owner == analyst
    assert "Outsource" in page(client, solved, "supply/")
    page(client, solved, "supply/gaps/shortage:NOPE:INN:2026-01/", 404)


def test_the_solve_button_queues_one_job_and_its_progress_is_shown(
    supply: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    client = signed_in(analyst)
    for _ in range(2):
        answer = client.post(f"/cycles/{supply.cycle.pk}/scenarios/{supply.base.pk}/solve/")
        assert answer["Location"] == f"/cycles/{supply.cycle.pk}/supply/"
    assert Job.objects.filter(kind="planning.solve_supply").count() == 1
    assert "Waiting for a worker" in page(client, supply, "supply/")
    elsewhere = {"next": "https://example.com/"}
    answer = client.post(f"/cycles/{supply.cycle.pk}/scenarios/{supply.base.pk}/solve/", elsewhere)
    assert answer["Location"] == f"/cycles/{supply.cycle.pk}/supply/"


def test_a_solve_in_the_wrong_stage_is_told(
    supply: SupplyWorld, analyst: Person, signed_in: SignedIn
) -> None:
    type(supply.cycle).objects.filter(pk=supply.cycle.pk).update(stage="demand")
    answer = signed_in(analyst).post(
        f"/cycles/{supply.cycle.pk}/scenarios/{supply.base.pk}/solve/", follow=True
    )
    assert "supply plans change in supply planning" in answer.content.decode()
    assert not SupplyRun.objects.exists()


def test_gaps_and_actions_by_api(
    solved: SupplyWorld, analyst: Person, coordinator: Person, api: Callable[[Person], APIClient]
) -> None:
    client, run = api(analyst), SupplyRun.objects.get()
    gap = client.get(f"/api/v1/supply-runs/{run.pk}/gaps/").data[0]
    said = {
        "cycle": solved.cycle.pk, "gap": gap["key"], "action": "accept", "note": "We wait.",
        "owner": analyst.email, "due": "2026-01-20",
    }  # fmt: skip

    made = client.post("/api/v1/supply-actions/", said, format="json")
    address = f"/api/v1/supply-actions/{made.data['id']}/"
    changed = client.patch(address, {"note": "We all wait.", "revision": 1}, format="json")
    moved = client.patch(address, {"gap": "other", "revision": 2}, format="json")

    assert (made.status_code, made.data["kind"]) == (201, gap["kind"])
    assert (changed.status_code, changed.data["revision"]) == (200, 2)
    assert moved.status_code == 400
    assert client.get(f"/api/v1/supply-runs/{run.pk}/gaps/").data[0]["action"]["note"] == "We all wait."
    assert api(coordinator).post("/api/v1/supply-actions/", said, format="json").status_code == 403


def test_the_pages_ask_few_questions(
    solved: SupplyWorld, analyst: Person, signed_in: SignedIn, pinned_queries: Pinned
) -> None:
    second = add_scenario(
        actor=analyst, cycle=solved.cycle, name="More", changes=[{"kind": "demand", "percent": 9}]
    )
    solved.solve(second)
    client, world = signed_in(analyst), solved.firm.world
    places = {
        "plan": "supply/",
        "grid": "supply/grid/",
        "item": f"supply/items/{world.ridge.pk}/{world.site.pk}/",
        "scenarios": "scenarios/",
    }
    for label, place in places.items():
        with pinned_queries(label):
            page(client, solved, place)


def test_the_months_shown_are_those_of_the_cycle(solved: SupplyWorld) -> None:
    months = set(SupplyValue.objects.values_list("month", flat=True))
    assert min(months) == dt.date(2026, 1, 1)
    assert len(months) == 18
