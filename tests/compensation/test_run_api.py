"""Runs by API: 202 and a job, then the run, its statements, differences and moves."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from core.models import Event, Job, Person
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    done,
    moved,
)

pytestmark = pytest.mark.django_db


def test_a_month_is_calculated_and_moved_on_by_api(
    analyst: Person, executive: Person, manager: Person, api: Callable[[Person], APIClient]
) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, JANUARY)
    client = api(analyst)
    asked = client.post("/api/v1/pay-runs/", {"month": "2026-01-10"})
    assert asked.status_code == 202
    run = done(Job.objects.get(pk=asked.data["id"])).result["run"]
    at = f"/api/v1/pay-runs/{run}/"
    assert (
        client.get(at).data["totals"][0]["pay"] == "500.0000"
        or client.get(at).data["totals"][0]["pay"] == "500"
    )
    assert client.get(f"{at}statements/").data["results"][0]["pay"] == "500.0000"
    for move in ("take", "review"):
        assert client.post(f"{at}move/", {"move": move}).status_code == 200
    refused = client.post(f"{at}move/", {"move": "approve"})
    assert refused.status_code == 403
    assert api(executive).post(f"{at}move/", {"move": "approve"}).data["state"] == "approved"
    assert api(manager).post(f"{at}move/", {"move": "lock"}).data["state"] == "locked"
    rows = api(manager).post(f"{at}payroll/").data
    assert [(row["code"], row["pay"]) for row in rows] == [("ann", "500.0000")]
    again = client.post("/api/v1/pay-runs/", {"month": "2026-01-10"})
    assert again.status_code == 409


def test_a_stale_revision_is_a_conflict(analyst: Person, api: Callable[[Person], APIClient]) -> None:
    rep_on(plan_of(FLAT))
    run = calculated(JANUARY)
    sent = {"move": "take", "revision": run.revision + 3}
    assert api(analyst).post(f"/api/v1/pay-runs/{run.pk}/move/", sent).status_code == 409


def test_a_second_click_on_approve_changes_nothing_and_says_so(
    executive: Person, api: Callable[[Person], APIClient]
) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review")
    at, sent = f"/api/v1/pay-runs/{run.pk}/move/", {"move": "approve", "revision": run.revision}
    assert [api(executive).post(at, sent).status_code for _ in range(2)] == [200, 409]
    run.refresh_from_db()
    assert (run.state, run.approved_by) == ("approved", executive)
    assert Event.objects.filter(actor=executive, verb__startswith="pay").count() == 1


def test_differences_to_the_run_before_are_told(analyst: Person, api: Callable[[Person], APIClient]) -> None:
    ann = rep_on(plan_of(FLAT))
    calculated(JANUARY)
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    (row,) = api(analyst).get(f"/api/v1/pay-runs/{run.pk}/differences/").data
    assert (row["rep"], row["before"], row["after"], row["change"]) == (
        ann.pk,
        "0.0000",
        "500.0000",
        "500.0000",
    )


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "coordinator", "advisor"])
def test_the_api_of_runs_is_closed_to_others(
    who: str, request: pytest.FixtureRequest, api: Callable[[Person], APIClient]
) -> None:
    rep_on(plan_of(FLAT))
    run = calculated(JANUARY)
    client = api(request.getfixturevalue(who))
    for path in ("", f"{run.pk}/", f"{run.pk}/statements/", f"{run.pk}/differences/"):
        assert client.get(f"/api/v1/pay-runs/{path}").status_code == 403
    assert client.post("/api/v1/pay-runs/", {"month": "2026-02-01"}).status_code == 403
