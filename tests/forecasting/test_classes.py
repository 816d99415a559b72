"""ABC and XYZ: worked by hand, company-wide, counted within the scope, and quick for 10,000 units."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from catalog.models import Scope
from core.models import Person
from core.services.company import change_setting
from forecasting.engine.classes import Bounds, abc_of, xyz_of
from forecasting.models import ForecastRun, ForecastSeries
from forecasting.selectors.classes import classes_of, squares_of, units_of_class
from forecasting.services.run_now import run_now
from tests.forecasting.conftest import LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]


@pytest.fixture
def done(sold: World, analyst: Person) -> ForecastRun:
    """Three units that earn 18,600, 30,600 and 42,600 in a year, and one that never sold."""
    return run_now(actor=analyst, last_month=LAST, horizon=18)


def test_a_unit_belongs_to_the_class_in_which_its_revenue_begins() -> None:
    # of 100: 60 begins at 0, 20 at 60, 15 at 80, 4 at 95, 1 at 99
    revenue = np.array([4.0, 60.0, 1.0, 15.0, 20.0])
    assert "".join(abc_of(revenue, Bounds())) == "CACBA"
    assert "".join(abc_of(np.array([99.0, 1.0]), Bounds())) == "AC"
    assert "".join(abc_of(np.array([0.0, -5.0]), Bounds())) == "CC"


def test_what_was_never_tested_is_z() -> None:
    wape = np.array([0.25, 0.251, 0.5, 0.6, np.nan])
    assert "".join(xyz_of(wape, Bounds())) == "XYYZZ"


# Hypothesis reads every module once before its first number: on a busy machine that takes a second.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.floats(1e-3, 1e3))
def test_classes_do_not_depend_on_the_currency_nor_ever_rank_less_above_more(
    earned: list[int], rate: float
) -> None:
    revenue = np.array(earned, dtype=float)
    letters = abc_of(revenue, Bounds())
    assert (abc_of(revenue * rate, Bounds()) == letters).all()
    order = np.argsort(-revenue, kind="stable")
    assert "".join(letters[order]) == "".join(sorted(letters))


def test_ten_thousand_units_are_classed_at_once() -> None:
    rng = np.random.default_rng(2)
    revenue, wape = rng.lognormal(8, 2, 10_000), rng.gamma(2, 0.2, 10_000)
    began = time.perf_counter()
    abc_of(revenue, Bounds())
    xyz_of(wape, Bounds())
    assert time.perf_counter() - began < 0.5


def test_classes_of_a_run_follow_revenue_and_back_tests(done: ForecastRun, sold: World, vp: Person) -> None:
    found = classes_of(done)
    wape = dict(ForecastSeries.objects.filter(run=done).values_list("demand_unit", "wape"))
    # 42,600 begins at 0, 30,600 at 46 %, 18,600 at 80 % of 91,800: just past the bound of A
    north = sold.unit(sold.ridge, sold.north)
    assert [found[unit.pk][0] for unit in (sold.slope_north, north, sold.ridge_tyrol)] == ["A", "A", "A"]
    change_setting(actor=vp, key="abc_a_percent", value="40")
    again = classes_of(done)
    assert [again[unit.pk][0] for unit in (sold.slope_north, north, sold.ridge_tyrol)] == ["A", "B", "C"]
    for unit, name in found.items():
        worst = wape[unit] is None or wape[unit] > 0.5
        assert (name[1] == "Z") == worst


def test_counts_are_of_what_one_may_see_and_classes_of_the_whole_company(
    done: ForecastRun, sold: World, analyst: Person
) -> None:
    everything = {one.name: one for one in squares_of(None, done)}
    assert sum(one.units for one in everything.values()) == 4
    assert sum(one.share or 0 for one in everything.values()) == pytest.approx(1)
    Scope.objects.create(person=analyst, market=sold.tyrol)
    mine = [one for one in squares_of(analyst, done) if one.revenue]
    assert [(one.units, one.share) for one in mine] == [(1, 1.0)]
    assert mine[0].name == classes_of(done)[sold.ridge_tyrol.pk]


def test_the_matrix_leads_to_the_units_of_a_class(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get(f"/forecasts/{done.pk}/classes/")
    with pinned_queries():
        page = client.get(f"/forecasts/{done.pk}/classes/").content.decode()
    name = classes_of(done)[sold.slope_north.pk]
    assert f"/forecasts/{done.pk}/?abc={name[0]}&amp;xyz={name[1]}#list" in page
    listed = client.get(f"/forecasts/{done.pk}/", {"abc": name[0], "xyz": name[1]}).content.decode()
    assert sold.slope.name in listed
    assert len(units_of_class(done, "C")) == 1
    none = client.get(f"/forecasts/{done.pk}/", {"abc": "B"}).content.decode()
    assert "No such demand units" in none
    assert client.get("/forecasts/classes/")["Location"] == f"/forecasts/{done.pk}/classes/"


def test_the_class_is_in_the_files(done: ForecastRun, analyst: Person, signed_in: SignIn) -> None:
    client = signed_in(analyst)
    for path in (f"/forecasts/{done.pk}/", f"/forecasts/{done.pk}/values/"):
        lines = b"".join(client.get(path, {"export": "csv"})).decode().splitlines()  # type: ignore[arg-type]
        assert lines[0].split(",").index("Class") > 0
        assert any(f",{name}," in lines[1] for name in ("AX", "AY", "AZ", "CZ"))


def test_the_api_counts_classes_and_lists_their_units(
    done: ForecastRun, sold: World, analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(analyst)
    body = client.get(f"/api/v1/forecast-runs/{done.pk}/classes/").data
    assert body["bounds"] == {"a": 0.8, "b": 0.15, "x": 0.25, "y": 0.5}
    assert [one["abc"] + one["xyz"] for one in body["classes"]][:4] == ["AX", "AY", "AZ", "BX"]
    name = classes_of(done)[sold.slope_north.pk]
    rows = client.get("/api/v1/forecast-series/", {"run": done.pk, "abc": name[0], "xyz": name[1]}).data
    assert sold.slope_north.pk in {row["demand_unit"] for row in rows["results"]}
    without = client.get("/api/v1/forecast-series/", {"abc": "A"})
    assert without.status_code == 400
    assert "name its run" in without.data["error"]["message"]


def test_without_a_forecast_there_are_no_classes(
    db: None, analyst: Person, sales_rep: Person, signed_in: SignIn
) -> None:
    assert signed_in(analyst).get("/forecasts/classes/")["Location"] == "/forecasts/"
    assert signed_in(sales_rep).get("/forecasts/classes/").status_code == 403
