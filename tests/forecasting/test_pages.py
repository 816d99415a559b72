"""The pages of forecasts: the list, one run, its months, one demand unit."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import Scope
from core.models import Job, Person
from forecasting.models import ForecastRun, RunState
from forecasting.services.run_now import run_now
from forecasting.services.runs import cancel_run, start_run
from forecasting.views.words import method_sentence, short_method
from tests.forecasting.conftest import LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]


@pytest.fixture
def done(sold: World, analyst: Person) -> ForecastRun:
    return run_now(actor=analyst, last_month=LAST, horizon=18)


def test_the_list_shows_every_run_and_the_way_to_a_new_one(
    done: ForecastRun, analyst: Person, executive: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get("/forecasts/")
    with pinned_queries():
        page = client.get("/forecasts/").content.decode()

    assert str(done) in page
    assert "/forecasts/add/" in page
    assert "/forecasts/add/" not in signed_in(executive).get("/forecasts/").content.decode()


def test_without_runs_the_list_says_what_a_forecast_is(db: None, analyst: Person, signed_in: SignIn) -> None:
    assert "No forecasts yet" in signed_in(analyst).get("/forecasts/").content.decode()


def test_a_run_is_asked_for_on_the_page(sold: World, analyst: Person, signed_in: SignIn) -> None:
    client = signed_in(analyst)
    form = client.get("/forecasts/add/").content.decode()
    assert 'value="2025-12"' in form

    answer = client.post("/forecasts/add/", {"last_month": "2025-12", "horizon": "12"})

    run = ForecastRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/forecasts/{run.pk}/")
    assert (run.last_month, run.horizon, run.requested_by) == (LAST, 12, analyst)
    page = client.get(f"/forecasts/{run.pk}/").content.decode()
    assert "Waiting for a worker" in page
    assert f"/forecasts/{run.pk}/cancel/" in page


def test_what_cannot_be_is_said_beside_the_field(sold: World, analyst: Person, signed_in: SignIn) -> None:
    answer = signed_in(analyst).post("/forecasts/add/", {"last_month": "2025-12", "horizon": "61"})

    assert answer.status_code == 400
    assert "less than or equal to 60" in answer.content.decode()
    assert not ForecastRun.objects.exists()


def test_a_run_is_cancelled_and_taken_up_again_on_its_page(
    sold: World, analyst: Person, signed_in: SignIn
) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)
    client = signed_in(analyst)

    stopped = client.post(f"/forecasts/{run.pk}/cancel/", follow=True).content.decode()
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert f"/forecasts/{run.pk}/retry/" in stopped

    client.post(f"/forecasts/{run.pk}/retry/")
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert Job.objects.count() == 2
    again = client.post(f"/forecasts/{run.pk}/retry/", follow=True).content.decode()
    assert "there is nothing to retry" in again


def test_the_progress_asks_for_the_page_once_the_work_is_over(
    sold: World, analyst: Person, signed_in: SignIn
) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)
    client = signed_in(analyst)
    assert "Waiting for a worker" in client.get(f"/forecasts/{run.pk}/progress/").content.decode()

    cancel_run(actor=analyst, run=run)

    assert client.get(f"/forecasts/{run.pk}/progress/")["HX-Refresh"] == "true"


def test_a_run_that_is_done_shows_its_accuracy_methods_and_units(
    done: ForecastRun, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get(f"/forecasts/{done.pk}/")
    with pinned_queries():
        page = client.get(f"/forecasts/{done.pk}/").content.decode()

    for words in ("WAPE in back-tests", "Accuracy by family", "Touring skis", "Methods used", "Ridge 92"):
        assert words in page
    found = client.get(f"/forecasts/{done.pk}/", {"product": "slope"}).content.decode()
    assert "Slope 70" in found
    assert "Ridge 92" not in found.partition('id="list"')[2].partition("About this forecast")[0]


def test_the_months_are_listed_and_taken_out_whole(
    done: ForecastRun, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get(f"/forecasts/{done.pk}/values/")
    with pinned_queries():
        assert client.get(f"/forecasts/{done.pk}/values/").status_code == 200

    taken = client.get(f"/forecasts/{done.pk}/values/", {"export": "csv", "product": "ridge"})

    rows = list(csv.DictReader(io.StringIO(b"".join(taken).decode())))
    assert len(rows) == 2 * 18
    assert {row["Code"] for row in rows} == {"RIDGE"}


def test_a_unit_shows_history_forecast_bands_and_reason(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    url = f"/forecasts/{done.pk}/series/{sold.ridge_tyrol.pk}/"
    client.get(url)
    with pinned_queries():
        page = client.get(url).content.decode()

    for words in (
        "80% interval",
        "95% interval",
        "A season stands out",
        "Theta method",
        "WAPE in back-tests",
    ):
        assert words in page


def test_a_unit_leads_to_its_newest_forecast_from_its_history(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)
    unit = sold.ridge_tyrol.pk

    assert f"/forecasts/units/{unit}/" in client.get(f"/data/history/{unit}/").content.decode()

    assert client.get(f"/forecasts/units/{unit}/")["Location"] == f"/forecasts/{done.pk}/series/{unit}/"
    later = sold.unit(sold.slope, sold.tyrol).pk
    assert "No forecast yet" in client.get(f"/forecasts/units/{later}/").content.decode()


def test_a_person_narrowed_to_a_family_sees_only_its_forecasts(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn, api: Callable
) -> None:
    Scope.objects.create(person=analyst, family=sold.touring)
    client = signed_in(analyst)
    slope = sold.slope_north.pk

    page = client.get(f"/forecasts/{done.pk}/").content.decode()
    assert "Ridge 92" in page
    assert "Slope 70" not in page
    assert client.get(f"/forecasts/{done.pk}/series/{slope}/").status_code == 404
    assert client.get(f"/forecasts/units/{slope}/").status_code == 404
    taken = client.get(f"/forecasts/{done.pk}/values/", {"export": "csv"})
    assert "Slope" not in b"".join(taken).decode()
    for place in ("forecast-series", "forecast-values"):
        rows = api(analyst).get(f"/api/v1/{place}/", {"run": done.pk}).json()["results"]
        assert rows
        assert slope not in {row["demand_unit"] for row in rows}
    figures = api(analyst).get(f"/api/v1/forecast-runs/{done.pk}/accuracy/").json()
    assert [family["name"] for family in figures["families"]] == ["Touring skis"]


@pytest.mark.parametrize(
    ("method", "short", "in_sentence"),
    [
        ("mean of Theta and ETS AAdN", "Trend", "levels off."),
        ("mean of Theta and ETS(log) ANA", "Season", "grows with the level"),
        ("mean of Theta and ETS ANN", "Level", "neither trend nor season"),
        ("mean of MA and TSB", "Intermittent", "Teunter"),
        ("zero", "Nothing", "nothing is being sold"),
    ],
)
def test_methods_are_told_in_words(method: str, short: str, in_sentence: str) -> None:
    assert short_method(method) == short
    assert in_sentence in method_sentence(method)
