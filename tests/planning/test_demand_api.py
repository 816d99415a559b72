"""Stages 1 and 2 by API: the same services, rights and refusals as the pages."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog.models import Scope
from core.models import Person
from planning.models import Cycle, DemandInput, DemandVersion
from tests.planning.conftest import Company
from tests.planning.demand_world import demand_cycle, forecast_of

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
NUMBER = {
    "stream": "sales", "month": "2026-01-01", "product": "RIDGE", "market": "TYR", "kind": "replace",
    "value": "500", "reason_code": "promotion", "note": "Fair",
}  # fmt: skip


def base(cycle: Cycle, stage: str = "demand") -> str:
    return f"/api/v1/cycles/{cycle.pk}/{stage}"


def test_stage_1_by_api(cycle: Cycle, coordinator: Person, api: Api) -> None:
    client, data = api(coordinator), base(cycle, "data")
    refused = client.post(f"{data}/forecast/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_frozen")
    frozen = client.post(f"{data}/freezes/")
    assert frozen.status_code == 201
    assert frozen.json()["content"]["facts"]["sales"]["rows"] == 108
    run = forecast_of(cycle)
    started = client.post(f"{data}/forecast/")
    assert (started.status_code, started.json()["run"]) == (202, run.pk)
    assert client.post(f"{data}/forecast/pin/", {"run": run.pk}).status_code == 200
    measured = client.post(f"{data}/accuracy/")
    assert measured.json()["content"]["total"]["wape"] == pytest.approx(0.2)
    assert client.get(f"{data}/freezes/").json()["count"] == 1
    assert client.get(f"{data}/accuracy/").json()["results"][0]["basis"] == "back_test"


def test_cells_are_listed_filtered_and_narrowed(
    demand_cycle: Cycle, firm: Company, analyst: Person, sales_rep: Person, api: Api
) -> None:
    cells = f"{base(demand_cycle)}/cells/"
    assert api(analyst).get(cells).json()["count"] == 54
    january = api(analyst).get(f"{cells}?month=2026-01&family=TOUR").json()
    assert [row["quantity"] for row in january["results"]] == pytest.approx([100, 300])
    Scope.objects.create(person=sales_rep, market=firm.world.tyrol)
    assert api(sales_rep).get(cells).json()["count"] == 18


def test_a_number_is_given_changed_and_withdrawn(demand_cycle: Cycle, analyst: Person, api: Api) -> None:
    client, inputs = api(analyst), f"{base(demand_cycle)}/inputs/"
    given = client.post(inputs, NUMBER, format="json")
    row = given.json()
    assert (given.status_code, row["baseline"], row["author"]) == (201, "100.0000", "analyst@example.com")
    one = f"{inputs}{row['id']}/"
    changed = client.patch(one, {"value": "600", "revision": 1}, format="json")
    assert (changed.json()["value"], changed.json()["note"]) == ("600.0000", "Fair")
    stale = client.patch(one, {"value": "700", "revision": 1}, format="json").json()["error"]
    assert (stale["code"], stale["yours"]["value"], stale["theirs"]["value"]) == ("stale", "700", "600")
    assert client.get(one).json()["consensus"] == pytest.approx((100 * 40 + 600 * 25) / 65)
    assert client.post(f"{one}withdraw/", {"revision": 2}, format="json").json()["is_withdrawn"] is True
    assert client.get(f"{inputs}?is_withdrawn=true").json()["count"] == 1


def test_a_second_number_on_the_same_cell_needs_the_revision(
    demand_cycle: Cycle, analyst: Person, colleague: Person, api: Api
) -> None:
    inputs = f"{base(demand_cycle)}/inputs/"
    api(analyst).post(inputs, NUMBER, format="json")
    second = api(colleague).post(inputs, {**NUMBER, "value": "800"}, format="json")
    assert (second.status_code, second.json()["error"]["theirs"]["value"]) == (409, "500")
    assert DemandInput.objects.get().value == 500


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"month": "2030-01-01"}, "month"),
        ({"value": "-5"}, "value"),
        ({"kind": "percent", "value": "-101"}, "value"),
        ({"kind": "double"}, "kind"),
        ({"stream": "statistical"}, "stream"),
        ({"family": "TOUR"}, "family"),
        ({"product": "SLOPE"}, "product"),
        ({"product": "NOTHING"}, "product"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_field(
    demand_cycle: Cycle, analyst: Person, api: Api, wrong: dict[str, str], field: str
) -> None:
    answer = api(analyst).post(f"{base(demand_cycle)}/inputs/", {**NUMBER, **wrong}, format="json")
    assert answer.status_code == 400
    assert field in [reason["field"] for reason in answer.json()["error"]["reasons"]]
    assert not DemandInput.objects.exists()


def test_streams_are_weighed_and_settled(demand_cycle: Cycle, manager: Person, api: Api) -> None:
    client, streams = api(manager), f"{base(demand_cycle)}/streams/"
    sales = next(row for row in client.get(streams).json()["results"] if row["name"] == "sales")
    one = f"{streams}{sales['id']}/"
    weighed = client.patch(one, {"weight": "0.5", "revision": 1}, format="json")
    assert weighed.json()["weight"] == "0.5000"
    assert client.patch(one, {"weight": "0.6", "revision": 1}, format="json").status_code == 409
    assert client.post(f"{one}move/", {"move": "waive"}, format="json").status_code == 400
    waived = client.post(f"{one}move/", {"move": "waive", "reason": "On leave"}, format="json")
    assert waived.json()["state"] == "waived"
    assert client.post(f"{one}move/", {"move": "reopen"}, format="json").json()["state"] == "open"
    assert client.post(f"{one}move/", {"move": "submit"}, format="json").json()["state"] == "submitted"
    refused = client.post(f"{base(demand_cycle)}/inputs/", NUMBER, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "stream_settled")


def test_events_reviews_versions_and_the_rest(demand_cycle: Cycle, manager: Person, api: Api) -> None:
    client, demand = api(manager), base(demand_cycle)
    event = client.post(
        f"{demand}/events/",
        {
            "kind": "launch", "title": "New", "product": "SLOPE", "first": "2026-03-01",
            "last": "2026-03-31", "units_a_month": "25",
        },
        format="json",
    ).json()  # fmt: skip
    assert (event["first"], event["last"]) == ("2026-03-01", "2026-03-31")
    one = f"{demand}/events/{event['id']}/"
    later = client.patch(one, {"last": "2026-04-30", "revision": 1}, format="json")
    assert later.json()["last"] == "2026-04-30"
    assert client.post(f"{one}drop/", {"revision": 2}, format="json").json()["units_a_month"] == "0.0000"
    said = {"family": "TOUR", "state": "reviewed"}
    assert client.post(f"{demand}/reviews/", said, format="json").status_code == 201
    assert client.get(f"{demand}/reviews/?state=reviewed").json()["count"] == 1
    assert client.post(f"{demand}/recompute/").json() == {"cells": 54}
    version = client.post(f"{demand}/versions/")
    assert (version.status_code, version.json()["number"]) == (201, 1)
    assert DemandVersion.objects.get().frozen_by == manager
    assert client.get(f"{demand}/exceptions/").json()["results"][0]["kind"] == "budget"
    assert len(client.get(f"{demand}/totals/").json()) == 18


def test_another_cycles_rows_are_not_found(demand_cycle: Cycle, analyst: Person, api: Api) -> None:
    row = api(analyst).post(f"{base(demand_cycle)}/inputs/", NUMBER, format="json").json()
    other = f"/api/v1/cycles/{demand_cycle.pk + 1}/demand/inputs/"
    assert api(analyst).get(f"{other}{row['id']}/").status_code == 404
    assert api(analyst).get(other).json()["count"] == 0
    assert api(analyst).post(other, NUMBER, format="json").status_code == 404
