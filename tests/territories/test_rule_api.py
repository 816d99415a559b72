"""Territory models, rules and what came of them by API: the same rights and the same sentences."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Person
from territories.models import TerritoryModel
from territories.pipeline.rule_running import run_rules
from tests.territories.test_rules import GERMANY, RETAIL, a_rule
from tests.territories.world import a_model, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
BASE = "/api/v1/"


def test_a_model_is_built_run_and_put_into_force_by_api(api: Api, manager: Person) -> None:
    client = api(manager)
    account = an_account("A1", country="Germany")
    model = client.post(f"{BASE}territory-models/", {"code": "fy27", "name": "Year 27"}, format="json").json()
    territory = client.post(
        f"{BASE}territories/",
        {"model": "fy27", "code": "north", "name": "North", "type": "geographic"},
        format="json",
    ).json()
    rule = {"territory": territory["id"], "name": "Germans", "condition": GERMANY}
    made = client.post(f"{BASE}territory-rules/", rule, format="json")
    assert (made.status_code, made.json()["words"]) == (201, "country is Germany")
    one = f"{BASE}territory-models/{model['id']}/"
    assert client.post(f"{one}dry-run/", {}, format="json").json()["changed"] == 1
    run = client.post(f"{one}run/", {}, format="json")
    assert (run.status_code, run.json()["gaps"]) == (201, 0)
    placed = client.get(f"{BASE}territory-placements/?model=fy27").json()["results"]
    assert [(row["account"], row["territory"]) for row in placed] == [("A1", "north")]
    why = client.get(f"{BASE}territory-accounts/{account.pk}/why/?model=fy27").json()
    assert why[0]["reason"] == "Rule “Germans” (priority 100): country is Germany."
    sent = {"revision": model["revision"], "first_day": "2030-01-01"}
    refused = client.post(f"{one}activate/", sent, format="json")
    assert refused.status_code == 409 and "No rep today: North." in refused.content.decode()
    active = client.post(f"{one}activate/", sent | {"despite": True}, format="json").json()
    assert (active["state"], active["first_day"]) == ("active", "2030-01-01")


def test_gaps_overlaps_and_vacant_territories_are_lists(api: Api, analyst: Person) -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    a_rule(a_territory(model, "south"), RETAIL)
    an_account("A1", country="Germany", industry="Retail")
    an_account("A2")
    run_rules(model, by=None)
    client = api(analyst)
    gaps = client.get(f"{BASE}territory-gaps/?model=fy26").json()["results"]
    overlaps = client.get(f"{BASE}territory-overlaps/?model=fy26").json()["results"]
    vacant = client.get(f"{BASE}territory-vacant/?model=fy26").json()["results"]
    assert [row["code"] for row in gaps] == ["A2"]
    assert [(row["territory"], row["rival_territory"]) for row in overlaps] == [("north", "south")]
    assert {row["code"]: row["accounts"] for row in vacant} == {"north": 1, "south": 0}
    assert client.get(f"{BASE}territory-gaps/?model=none").status_code == 404


def test_a_copy_is_compared_with_its_model(api: Api, analyst: Person) -> None:
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    an_account("A1", country="Germany")
    run_rules(model, by=None)
    client = api(analyst)
    one = f"{BASE}territory-models/{model.pk}/"
    made = client.post(f"{one}copy/", {"code": "fy27", "name": "Year 27"}, format="json")
    copy = TerritoryModel.objects.get(pk=made.json()["id"])
    a_rule(a_territory(copy, "new"), GERMANY, priority=1)
    run_rules(copy, by=None)
    found = client.get(f"{one}compare/{copy.pk}/").json()
    assert [(row["kind"], row["state"]) for row in found] == [("territory", "added"), ("rule", "added")]
    moved = client.get(f"{one}compare/{copy.pk}/accounts/").json()["results"]
    assert [(row["account"], row["was"], row["now"]) for row in moved] == [("A1", "north", "new")]
    assert client.get(f"{one}compare/999999/").status_code == 404


def test_a_condition_is_checked_without_being_stored(api: Api, analyst: Person) -> None:
    an_account("A1", country="Germany")
    client = api(analyst)
    found = client.post(f"{BASE}territory-rules/check/", {"condition": GERMANY}, format="json").json()
    assert found == {"words": "country is Germany", "accounts": 1}
    bad = client.post(f"{BASE}territory-rules/check/", {"condition": {"field": "x"}}, format="json")
    assert bad.status_code == 400 and "names no known field" in bad.content.decode()


def test_stale_changes_are_refused_with_both_values(api: Api, analyst: Person) -> None:
    rule = a_rule(a_territory(a_model(), "north"), GERMANY)
    client = api(analyst)
    url = f"{BASE}territory-rules/{rule.pk}/"
    assert client.patch(url, {"revision": 1, "priority": 5}, format="json").json()["priority"] == 5
    stale = client.patch(url, {"revision": 1, "priority": 6}, format="json")
    assert stale.status_code == 409
    deleted = client.delete(f"{BASE}territories/{rule.territory_id}/")
    assert deleted.status_code == 400
    assert client.delete(f"{BASE}territories/{rule.territory_id}/?revision=1").status_code == 204


def test_pins_are_added_and_withdrawn(api: Api, analyst: Person) -> None:
    north = a_territory(a_model(), "north")
    an_account("A1")
    client = api(analyst)
    sent = {"territory": north.pk, "account": "A1", "kind": "pin", "reason": "They asked"}
    pin = client.post(f"{BASE}territory-pins/", sent, format="json").json()
    done = client.post(f"{BASE}territory-pins/{pin['id']}/withdraw/", {"revision": 1}, format="json")
    assert done.json()["is_withdrawn"] is True


def test_a_sales_rep_reads_only_the_own(api: Api, sales_rep: Person) -> None:
    rita = a_rep("RITA", person=sales_rep)
    model = a_model()
    mine, other = a_territory(model, "mine"), a_territory(model, "other")
    covers(rita, mine)
    an_account("OWN", owner=rita, country="Germany")
    foreign = an_account("FOREIGN", industry="Retail")
    a_rule(mine, GERMANY)
    a_rule(other, RETAIL)
    run_rules(model, by=None)
    client = api(sales_rep)

    def codes(path: str, name: str) -> list[Any]:
        return [row[name] for row in client.get(f"{BASE}{path}/").json()["results"]]

    assert codes("territories", "code") == ["mine"]
    assert codes("territory-placements", "account") == ["OWN"]
    assert codes("territory-rules", "territory_code") == ["mine"]
    assert codes("territory-gaps", "code") == []
    assert client.get(f"{BASE}territory-accounts/{foreign.pk}/why/").status_code == 404
    run = client.post(f"{BASE}territory-models/{model.pk}/run/", {}, format="json")
    assert run.status_code == 403


def test_strangers_get_nothing(api: Api, stranger: Person) -> None:
    for name in ("territory-models", "territories", "territory-rules", "territory-gaps"):
        assert api(stranger).get(f"{BASE}{name}/").status_code == 403
