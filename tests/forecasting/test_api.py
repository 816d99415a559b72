"""Forecasts by API: asked for with 202, followed, refused with all reasons."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from core.models import Person
from forecasting.models import ForecastRun
from forecasting.services.run_now import run_now
from tests.forecasting.conftest import LAST
from tests.gathering.world import World

Api = Callable[[Person], APIClient]
RUNS = "/api/v1/forecast-runs/"


def test_a_run_is_asked_for_and_answers_with_its_job(sold: World, service_account: Person, api: Api) -> None:
    answer = api(service_account).post(RUNS, {"last_month": "2025-12-14", "horizon": 6})

    body = answer.json()
    run = ForecastRun.objects.get()
    assert answer.status_code == 202
    assert (body["id"], body["job"], body["state"]) == (run.pk, run.job_id, "queued")
    assert run.last_month == LAST


def test_the_same_work_that_is_done_is_given_back(sold: World, analyst: Person, api: Api) -> None:
    run = run_now(actor=analyst, last_month=LAST, horizon=18)

    answer = api(analyst).post(RUNS, {"last_month": "2025-12-01"})  # the company's horizon is 18

    assert (answer.status_code, answer.json()["id"]) == (200, run.pk)


@pytest.mark.parametrize("sent", [{"horizon": 6}, {"last_month": "soon"}, {"last_month": LAST, "horizon": 0}])
def test_what_cannot_be_is_refused(sold: World, analyst: Person, api: Api, sent: dict) -> None:
    answer = api(analyst).post(RUNS, sent, format="json")

    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] in {"last_month", "horizon"}
    assert not ForecastRun.objects.exists()


def test_a_run_that_is_over_is_neither_cancelled_nor_retried(sold: World, analyst: Person, api: Api) -> None:
    run = run_now(actor=analyst, last_month=LAST, horizon=3)

    for verb in ("cancel", "retry"):
        answer = api(analyst).post(f"{RUNS}{run.pk}/{verb}/")
        assert answer.status_code == 409
        assert f"there is nothing to {verb}" in answer.json()["error"]["message"]


def test_a_waiting_run_is_cancelled_and_taken_up_again(sold: World, analyst: Person, api: Api) -> None:
    run = api(analyst).post(RUNS, {"last_month": "2025-12-01"}).json()

    assert api(analyst).post(f"{RUNS}{run['id']}/cancel/").json()["state"] == "cancelled"
    again = api(analyst).post(f"{RUNS}{run['id']}/retry/")

    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert again.json()["job"] != run["job"]


def test_values_are_narrowed_and_come_in_pages(sold: World, analyst: Person, api: Api) -> None:
    run = run_now(actor=analyst, last_month=LAST, horizon=12)

    page = api(analyst).get(
        "/api/v1/forecast-values/",
        {"run": run.pk, "market": "TYR", "first": "2026-02", "last": "2026-04", "page_size": 2},
    )

    body = page.json()
    assert (body["count"], len(body["results"])) == (2 * 3, 2)
    assert set(body["results"][0]) >= {"month", "mean", "lower_80", "upper_80", "lower_95", "upper_95"}


def test_accuracy_is_weighed_by_revenue(sold: World, analyst: Person, api: Api) -> None:
    run = run_now(actor=analyst, last_month=LAST, horizon=12)

    body = api(analyst).get(f"{RUNS}{run.pk}/accuracy/").json()

    assert (body["all"]["series"], body["all"]["tested"]) == (4, 3)
    assert 0 < body["all"]["wape"] < 0.3
    assert sum(method["series"] for method in body["methods"]) == 4
    assert {family["name"] for family in body["families"]} == {"Skis", "Touring skis"}


def test_executives_read_and_only_planners_run(
    sold: World, executive: Person, sales_rep: Person, api: Api
) -> None:
    assert api(executive).get(RUNS).status_code == 200
    assert api(executive).post(RUNS, {"last_month": "2025-12-01"}).status_code == 403
    assert api(sales_rep).get(RUNS).status_code == 403
