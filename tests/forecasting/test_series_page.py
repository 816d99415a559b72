"""The page of one series: months, components, back-tests by months ahead, methods compared, what if."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Scope
from core.errors import Denied, Invalid, Refused
from core.models import Job, Person
from forecasting.engine.decomposition import decompose
from forecasting.engine.horizons import by_horizon, last_year_at_cuts, seasonal_step
from forecasting.models import ForecastRun, ForecastSeries, ForecastStudy, ForecastValue
from forecasting.selectors.series_page import own_means
from forecasting.services.run_now import run_now
from forecasting.services.runs import start_run
from forecasting.services.studies import ask_alternatives, ask_what_if
from forecasting.tasks import study_series
from gathering.models import Sales
from tests.forecasting.conftest import HISTORY, LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
AHEAD = 6
SERIES = "/api/v1/forecast-series/"


@pytest.fixture
def done(sold: World, analyst: Person) -> ForecastRun:
    """Ridge in Tyrol sells with trend, season and chance: no exact repetition that nothing can beat."""
    Sales.objects.filter(demand_unit=sold.ridge_tyrol).delete()
    sold.history(sold.ridge_tyrol, HISTORY, lambda i: 200 + 4 * i + 20 * (i % 12) + i * 7919 % 23)
    return run_now(actor=analyst, last_month=LAST, horizon=AHEAD)


@pytest.fixture
def ridge(done: ForecastRun, sold: World) -> ForecastSeries:
    return ForecastSeries.objects.get(run=done, demand_unit=sold.ridge_tyrol)


def page_of(series: ForecastSeries) -> str:
    return f"/forecasts/{series.run_id}/series/{series.demand_unit_id}/"


def answered(study: ForecastStudy) -> ForecastStudy:
    """As a worker answers it."""
    study_series(study.job_id)
    study.refresh_from_db()
    return study


def test_the_page_shows_components_models_and_back_tests(
    ridge: ForecastSeries, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get(page_of(ridge))
    with pinned_queries():
        page = client.get(page_of(ridge)).content.decode()

    for words in (
        "Level now",
        "The models and their shares",
        "is the strongest month",
        "Months ahead",
        "Back-tests by months ahead",
        "Closer than last year’s value at",
        "Compare the methods",
        "See the forecast",
        "Pin a method",
    ):
        assert words in page, words


def test_the_forecast_before_is_a_ghost_and_the_difference_is_said(
    sold: World, analyst: Person, signed_in: SignIn
) -> None:
    earlier = run_now(actor=analyst, last_month=dt.date(2025, 11, 1), horizon=AHEAD)
    run = run_now(actor=analyst, last_month=LAST, horizon=AHEAD)
    unit = sold.ridge_tyrol.pk

    page = signed_in(analyst).get(f"/forecasts/{run.pk}/series/{unit}/").content.decode()

    was = {v.month: v.mean for v in ForecastValue.objects.filter(run=earlier, demand_unit=unit)}
    now = {v.month: v.mean for v in ForecastValue.objects.filter(run=run, demand_unit=unit)}
    both = sorted(was.keys() & now.keys())
    change = sum(now[m] for m in both) / sum(was[m] for m in both) - 1
    assert len(both) == AHEAD - 1
    assert "Forecast up to Nov 25" in page
    assert f"the forecast on data up to Nov 2025{' said' if abs(change) < 0.0005 else ''}" in page
    assert "over the 5 months in both" in page


def test_cleaned_months_are_marked_with_why(sold: World, analyst: Person, signed_in: SignIn) -> None:
    unit = sold.unit(sold.product("SPIKE"), sold.north)
    sold.history(unit, 36, lambda i: 5000 if i == 20 else 100 + i % 3)
    run = run_now(actor=analyst, last_month=LAST, horizon=AHEAD)

    page = signed_in(analyst).get(f"/forecasts/{run.pk}/series/{unit.pk}/").content.decode()

    assert "Cleaned to" in page
    assert "It lies far from its neighbours and its month." in page


def test_errors_by_months_ahead_are_those_of_the_published_formulas() -> None:
    actual = np.array([[10.0, 20.0], [30.0, np.nan]])
    predicted = np.array([[12.0, 15.0], [27.0, 99.0]])
    naive = np.array([[10.0, 10.0], [10.0, 10.0]])

    first, second = by_horizon(actual, predicted, naive, 4.0)

    assert (first.months, first.tests, second.tests) == (1, 2, 1)
    assert first.wape == pytest.approx((2 + 3) / 40)
    assert first.bias == pytest.approx((2 - 3) / 40)
    assert first.mase == pytest.approx(2.5 / 4)
    assert first.naive_wape == pytest.approx(20 / 40)
    assert first.better is True
    assert second.better is True
    assert by_horizon(np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 1)), 4.0)[0].wape is None


def test_last_years_value_knows_nothing_after_the_cut() -> None:
    history = np.arange(36.0)

    said = last_year_at_cuts(history, [6, 30], 14, 12)

    assert said[0].tolist() == [*range(18, 30), 18, 19]
    assert np.isnan(said[1]).all()
    assert seasonal_step(history, 12) == 12


def test_the_parts_of_a_history_add_up_to_it() -> None:
    months = np.arange(48)
    y = 100 + months + 20 * np.sin(months / 12 * 2 * np.pi)

    parts = decompose(y, 12)

    assert parts is not None
    assert parts.trend + parts.season + parts.rest == pytest.approx(y)
    assert decompose(y[:24], 12) is None


def test_methods_are_compared_by_a_worker_and_kept(
    ridge: ForecastSeries, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)

    asked = client.post(f"{page_of(ridge)}alternatives/")

    assert asked["Location"] == f"{page_of(ridge)}#methods-compared"
    study = ForecastStudy.objects.get()
    assert "Waiting for a worker" in client.get(page_of(ridge)).content.decode()
    answered(study)
    assert study.answer["parts"]["months"][-1] == LAST.isoformat()
    methods = {one["method"]: one for one in study.answer["methods"]}
    assert set(methods) == {
        "combination",
        "ets",
        "theta",
        "sarimax",
        "stl",
        "line",
        "seasonal-naive",
        "year-mean",
    }
    assert all(one["values"] and one["mase"] is not None for one in methods.values())
    client.get(page_of(ridge))
    with pinned_queries("answered"):
        page = client.get(page_of(ridge)).content.decode()
    for words in ("SARIMAX", "Compare again", "taken apart by STL", "pin/?method=stl"):
        assert words in page, words
    part = client.get(f"{page_of(ridge)}studies/{study.pk}/").content.decode()
    assert "methods-chart" in part

    client.post(f"{page_of(ridge)}alternatives/")
    assert Job.objects.filter(kind="forecasting.study").count() == 1  # answered: not asked again
    client.post(f"{page_of(ridge)}alternatives/", {"again": "1"})
    assert Job.objects.filter(kind="forecasting.study").count() == 2


def test_a_method_that_cannot_be_used_says_why(sold: World, analyst: Person, signed_in: SignIn) -> None:
    unit = sold.unit(sold.product("FLAT"), sold.north)
    sold.history(unit, 36, lambda i: 7)
    run = run_now(actor=analyst, last_month=LAST, horizon=AHEAD)
    series = ForecastSeries.objects.get(run=run, demand_unit=unit)
    answered(ask_alternatives(actor=analyst, series=series))

    page = signed_in(analyst).get(page_of(series)).content.decode()

    assert "It cannot be used: every known period has the same value." in page


def test_what_if_nothing_changes_gives_the_forecast_itself(ridge: ForecastSeries, analyst: Person) -> None:
    before = ForecastValue.objects.count()

    study = answered(ask_what_if(actor=analyst, series=ridge))

    values = ForecastValue.objects.filter(run=ridge.run, demand_unit=ridge.demand_unit).order_by("month")
    assert study.answer["method"] == ridge.method
    assert study.answer["mase"] == pytest.approx(ridge.mase)
    own = own_means(ridge, list(values))
    assert study.answer["mean"] == pytest.approx([own[month] for month in sorted(own)], rel=1e-9)
    assert ForecastValue.objects.count() == before  # nothing is stored in the forecast


def test_what_if_is_asked_and_seen_beside_the_stored_forecast(
    ridge: ForecastSeries, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)
    sent = {"since": "2024-01", "masked": "2025-03", "method": "year-mean"}

    asked = client.post(f"{page_of(ridge)}what-if/", sent)

    place = asked["Location"]
    assert place.startswith(f"{page_of(ridge)}?what_if=1&since=2024-01&masked=2025-03&method=year-mean")
    study = answered(ForecastStudy.objects.get())
    assert study.question == {"since": "2024-01-01", "masked": ["2025-03-01"], "method": "year-mean"}
    assert len(set(study.answer["mean"])) == 1
    assert study.answer["cleaned"] == 1
    page = client.get(place).content.decode()
    assert "without the months before Jan 2024 and without Mar 2025 and by mean of a year" in page
    assert "what-if-chart" in page
    assert 'value="2024-01"' in page


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"since": "2025-10"}, "Leave at least 8 months"),
        ({"masked": "2026-03"}, "is not in the history"),
        ({"since": "2025-01", "masked": "2024-03"}, "is not in the history"),
        ({"method": "magic"}, "magic"),
        ({"since": "soon"}, "valid date"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    ridge: ForecastSeries, analyst: Person, signed_in: SignIn, sent: dict, words: str
) -> None:
    answer = signed_in(analyst).post(f"{page_of(ridge)}what-if/", sent)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ForecastStudy.objects.exists()


def test_questions_wait_for_the_run_and_know_its_engine(
    sold: World, ridge: ForecastSeries, analyst: Person
) -> None:
    ridge.run.engine_version = "3"
    with pytest.raises(Refused, match="older engine"):
        ask_alternatives(actor=analyst, series=ridge)
    ridge.run = start_run(actor=analyst, last_month=LAST, horizon=3)
    with pytest.raises(Refused, match="once it is done"):
        ask_alternatives(actor=analyst, series=ridge)
    with pytest.raises(Invalid, match="no method"):
        ask_what_if(actor=analyst, series=ForecastSeries.objects.get(pk=ridge.pk), method="magic")


def test_questions_stay_in_the_persons_scope_and_rights(
    ridge: ForecastSeries, sold: World, analyst: Person, sales_rep: Person, signed_in: SignIn
) -> None:
    slope = ForecastSeries.objects.get(run=ridge.run, demand_unit=sold.slope_north)
    study = ask_alternatives(actor=analyst, series=slope)
    Scope.objects.create(person=analyst, family=sold.touring)
    client = signed_in(analyst)

    assert client.get(f"{page_of(slope)}studies/{study.pk}/").status_code == 404
    assert client.post(f"{page_of(slope)}alternatives/").status_code == 404
    assert client.post(f"{page_of(slope)}what-if/", {}).status_code == 404
    with pytest.raises(Denied, match="outside your families"):
        ask_alternatives(actor=analyst, series=slope)
    with pytest.raises(Denied, match="see forecasts"):
        ask_alternatives(actor=sales_rep, series=slope)
    assert signed_in(sales_rep).post(f"{page_of(slope)}alternatives/").status_code == 403


def test_one_series_by_api(ridge: ForecastSeries, analyst: Person, api: Api) -> None:
    client = api(analyst)
    place = f"{SERIES}{ridge.pk}/"

    body = client.get(place).json()
    ahead = client.get(f"{place}horizons/").json()
    asked = client.post(f"{place}alternatives/", {})
    study = answered(ForecastStudy.objects.get())
    again = client.post(f"{place}alternatives/", {})
    what_if = client.post(
        f"{place}what-if/", {"since": "2024-01-15", "masked": ["2025-03-02"]}, format="json"
    )
    wrong = client.post(f"{place}what-if/", {"since": "2025-11-01"}, format="json")

    assert body["components"]["level"] > 0
    assert [line["months"] for line in ahead] == list(range(1, AHEAD + 1))
    assert (asked.status_code, asked.json()["answer"]) == (202, None)
    assert asked.json()["job"] == study.job_id
    assert (again.status_code, len(again.json()["answer"]["methods"])) == (200, 8)
    assert what_if.status_code == 202
    assert what_if.json()["question"] == {"since": "2024-01-01", "masked": ["2025-03-01"]}
    assert (wrong.status_code, wrong.json()["error"]["reasons"][0]["field"]) == (400, "since")
    assert client.get("/api/v1/forecast-studies/", {"kind": "what_if"}).json()["count"] == 1
