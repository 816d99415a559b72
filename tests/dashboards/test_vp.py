"""The VP's dashboard: the plan against everything it is compared with."""

from collections.abc import Callable
from math import sqrt

import pytest

from catalog.models import Scope
from core.models import Person
from dashboards.selectors.comparison import comparison_of
from dashboards.selectors.outlook import interval_shares
from dashboards.views.figures import comparison_table
from forecasting.models import ForecastValue
from planning.models import (
    Cycle,
    RiskOrOpportunity,
)
from tests.dashboards.conftest import Running
from tests.dashboards.home import decision, home, needs, task
from tests.planning.conftest import FIRST


def test_the_vp_sees_the_plan_against_budget_last_plan_and_last_year(
    running: Running, vp: Person, manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    for number in range(7):
        decision(running.cycle, manager, title=f"Question {number}")
        RiskOrOpportunity.objects.create(
            cycle=running.cycle, leaning="risk", title=f"Risk {number}", money=100 * number,
            probability="0.5", owner=manager,
        )  # fmt: skip
        task(running.cycle, vp, title=f"Task {number}")
    client = signed_in(vp)

    with pinned_queries():
        _, context = home(client)

    figures = {figure["label"]: figure for figure in context["figures"]}
    revenue = figures["Revenue, next 12 months"]
    assert (revenue["value"], revenue["change"]) == ("360\u202f000", "+150.0\u202f%")
    assert revenue["change_base"] == "on the last plan"
    assert figures["Against budget"]["value"] == "\u221250.0\u202f%"
    assert figures["Margin"]["value"] == "40.0\u202f%"
    assert figures["Plan error (WAPE), Dec 25"]["value"] == "20.0\u202f%"
    lines = {one["name"]: one["values"] for one in context["plan"]["data"]["series"]}
    assert [lines[name][0] for name in ("Plan", "Budget", "Last plan")] == [30_000, 60_000, 12_000]
    assert lines["Last year"][0] == 60_000, "January 2025: 100 + 200 + 300 units at 100."
    assert lines["Last year"][12] is None, "January 2026 is not over: nothing stands beside 2027."
    assert context["plan"]["title"] == "The plan is 50.0\u202f% below budget over 12 months"
    assert len(needs(context)["Decisions waiting"]) == 5


def test_the_bridge_leads_from_budget_to_plan_by_family(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    _, context = home(signed_in(vp))

    steps = [(step["name"], step["value"]) for step in context["bridge"]["data"]["steps"]]

    assert steps == [
        ("Budget", 720_000),
        ("Skis", 120_000 - 360_000),
        ("Touring skis", 240_000 - 360_000),
        ("Plan", 360_000),
    ]


def test_every_number_of_the_comparison_opens_where_it_comes_from(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    client = signed_in(vp)
    table = home(client)[1]["compared"]

    urls = [cell["url"] for row in table["rows"] for cell in row["cells"] if cell.get("url")]

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["Revenue", "Margin", "Units"]
    assert len(urls) == 11, "Three measures of four lines; a budget's margin has no lines to show."
    for url, row in zip(urls, ["360\u202f000", "720\u202f000", "144\u202f000"], strict=False):
        assert row in client.get(url).content.decode()


def test_the_interval_around_the_plan_is_the_forecasts(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    band = home(signed_in(vp))[1]["plan"]["data"]["bands"][0]

    half = sqrt(0.2 * 60**2 + 0.8 * 3 * 20**2)

    assert band["low"][0] == pytest.approx(30_000 * (1 - half / 300), abs=1)
    assert band["high"][0] == pytest.approx(30_000 * (1 + half / 300), abs=1)


def test_the_interval_is_remembered_by_run_and_scope(
    running: Running, vp: Person, analyst: Person, django_assert_num_queries: Callable
) -> None:
    Scope.objects.create(person=analyst, market=running.firm.world.tyrol)
    run = running.cycle.forecast_run
    interval_shares(vp, run)

    with django_assert_num_queries(1):
        again = interval_shares(vp, run)
    with django_assert_num_queries(3):
        narrowed = interval_shares(analyst, run)

    assert narrowed[FIRST] == pytest.approx((0.8, 1.2)), "One demand unit: its own interval."
    assert again[FIRST] != narrowed[FIRST]
    assert ForecastValue.objects.filter(run=run).count() == 54


def test_without_the_right_to_see_costs_there_is_no_margin(running: Running, vp: Person) -> None:
    seen = comparison_of(vp, running.cycle)
    assert seen is not None

    table = comparison_table(seen, shows_costs=False)

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["Revenue", "Units"]


def test_scope_narrows_every_line_of_the_comparison(running: Running, vp: Person) -> None:
    Scope.objects.create(person=vp, market=running.firm.world.tyrol)

    seen = comparison_of(vp, running.cycle)

    assert seen is not None
    lines = (seen.plan, seen.last_cycle, seen.last_year, seen.budget)
    assert [line.over([FIRST]).revenue for line in lines] == [10_000, 6_000, 10_000, 0]


def test_accuracy_in_a_scope_of_families_is_theirs(running: Running, vp: Person, signed_in: Callable) -> None:
    Scope.objects.create(person=vp, family=running.firm.world.touring)

    chart = home(signed_in(vp))[1]["accuracy"]

    assert chart["data"]["series"][0]["values"] == [40.0, 30.0]
    assert "fell from 40.0" in chart["title"]


def test_accuracy_over_all_markets_is_not_told_to_a_scope_of_some(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    Scope.objects.create(person=vp, market=running.firm.world.north)

    text, context = home(signed_in(vp))

    assert context["accuracy"] is None
    assert "Accuracy of the plans" in text


def test_before_the_first_consensus_the_page_says_when_the_plan_comes(
    cycle: Cycle, vp: Person, signed_in: Callable
) -> None:
    text, context = home(signed_in(vp))

    assert "plan" not in context
    assert "has no consensus yet" in text
