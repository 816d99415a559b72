"""Launches, successors and months of the past by API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog.models import DemandUnit, Scope
from core.models import Person
from forecasting.models import Launch, MonthMark, Succession
from forecasting.services.masks import mask_period
from forecasting.services.run_now import run_now
from tests.forecasting.conftest import LAST
from tests.gathering.world import World, month

Api = Callable[[Person], APIClient]
ROOT = "/api/v1/forecast-"


@pytest.fixture
def new(sold: World) -> DemandUnit:
    return DemandUnit.objects.get(product__code="NEW")


def test_a_launch_is_planned_changed_and_withdrawn(
    new: DemandUnit, sold: World, service_account: Person, api: Api
) -> None:
    client = api(service_account)
    like = {"demand_unit": sold.ridge_tyrol.pk, "weight": "2"}
    sent = {"demand_unit": new.pk, "first_month": "2026-02-14", "likes": [like], "reason": "Alike"}

    made = client.post(f"{ROOT}launches/", sent, format="json")

    row = made.json()
    assert (made.status_code, row["first_month"], row["level"]) == (201, "2026-02-01", None)
    assert [(one["product"], one["market"]) for one in row["likes"]] == [("RIDGE", "TYR")]
    address = f"{ROOT}launches/{row['id']}/"
    other = [{"demand_unit": sold.slope_north.pk}]
    changed = client.patch(address, {"level": "80", "likes": other, "revision": 1}, format="json").json()
    assert (changed["level"], changed["revision"]) == ("80.0000", 2)
    assert [one["product"] for one in changed["likes"]] == ["SLOPE"]
    assert client.patch(address, {"level": "90", "revision": 1}, format="json").status_code == 409
    nameless = {"likes": [{"weight": "1"}], "revision": 2}
    assert client.patch(address, nameless, format="json").status_code == 400
    assert client.post(f"{address}withdraw/", {"revision": 2}, format="json").json()["is_withdrawn"]
    assert client.get(f"{ROOT}launches/?withdrawn=False").json()["results"] == []


def test_what_cannot_be_is_refused_by_field(new: DemandUnit, sold: World, analyst: Person, api: Api) -> None:
    sent = {"demand_unit": new.pk, "first_month": "2026-02-14", "likes": [], "reason": "Alike"}
    answer = api(analyst).post(f"{ROOT}launches/", sent, format="json")
    assert (answer.status_code, answer.json()["error"]["reasons"][0]["field"]) == (400, "likes")

    sent = {"old": new.pk, "new": sold.slope_north.pk, "first_month": "2026-02-01", "reason": "x"}
    answer = api(analyst).post(f"{ROOT}successions/", sent, format="json")
    assert (answer.status_code, answer.json()["error"]["reasons"][0]["field"]) == (400, "new")
    assert not Launch.objects.exists()
    assert not Succession.objects.exists()


def test_a_successor_is_planned_changed_and_withdrawn(sold: World, analyst: Person, api: Api) -> None:
    heir = sold.unit(sold.product("HEIR"), sold.north)
    client = api(analyst)
    sent = {"old": sold.slope_north.pk, "new": heir.pk, "first_month": "2026-02-01", "reason": "Renewed"}

    row = client.post(f"{ROOT}successions/", sent | {"ramp": [25, 75]}, format="json").json()

    assert (row["old_product"], row["new_product"], row["ramp"]) == ("SLOPE", "HEIR", [25, 75])
    address = f"{ROOT}successions/{row['id']}/"
    changed = client.patch(address, {"new": None, "revision": 1}, format="json").json()
    assert (changed["new"], changed["revision"]) == (None, 2)
    assert client.post(f"{address}withdraw/", {"revision": 2}, format="json").json()["is_withdrawn"]


def test_cleaned_months_are_read_and_marked(sold: World, analyst: Person, api: Api) -> None:
    odd = sold.unit(sold.product("ODD"), sold.north)
    sold.history(odd, 36, lambda i: 1200 if i == 29 else 100)
    run = run_now(actor=None, last_month=LAST, horizon=3)
    client = api(analyst)

    row = client.get(f"{ROOT}cleaned-months/?run={run.pk}").json()["results"][0]
    assert (row["product"], row["month"], row["was"], row["said"]) == ("ODD", "2025-06-01", 1200.0, "nothing")

    sent = {"demand_unit": odd.pk, "month": "2025-06-30", "said": "kept", "reason": "The fair"}
    assert client.post(f"{ROOT}month-marks/", sent).json()["said"] == "kept"
    assert client.post(f"{ROOT}month-marks/", sent | {"reason": ""}).status_code == 400
    mark = MonthMark.objects.get()
    assert (mark.month, mark.owner) == (month(29), analyst)
    assert client.get(f"{ROOT}cleaned-months/{row['id']}/").json()["said"] == "kept"


def test_like_items_and_masked_months_are_read(
    new: DemandUnit, sold: World, analyst: Person, api: Api
) -> None:
    found = api(analyst).get(f"{ROOT}like-items/{new.pk}/").json()
    assert found[0]["demand_unit"] == sold.ridge_tyrol.pk
    assert "same market" in found[0]["words"]
    mask_period(source="event 1", title="Fair", product=sold.ridge, market=None, first=LAST, last=LAST)

    row = api(analyst).get(f"{ROOT}masked-periods/").json()["results"][0]

    assert (row["title"], row["product"], row["market"]) == ("Fair", "RIDGE", None)


def test_who_may_only_look_changes_nothing_and_scope_holds(
    new: DemandUnit, sold: World, executive: Person, analyst: Person, api: Api
) -> None:
    like = {"demand_unit": sold.ridge_tyrol.pk}
    sent = {"demand_unit": new.pk, "first_month": "2026-02-14", "likes": [like], "reason": "Alike"}
    assert api(executive).post(f"{ROOT}launches/", sent, format="json").status_code == 403
    assert api(executive).get(f"{ROOT}launches/").status_code == 200

    Scope.objects.create(person=analyst, market=sold.north)
    assert api(analyst).post(f"{ROOT}launches/", sent, format="json").status_code == 400
    assert api(analyst).get(f"{ROOT}like-items/{new.pk}/").status_code == 404
    assert not Launch.objects.exists()
