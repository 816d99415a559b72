"""Forecasts of families and markets: they add up with the demand units, whatever happens on the way."""

import csv
import io
from collections.abc import Callable

import numpy as np
import pytest
from django.db import DatabaseError, InternalError, transaction
from django.db.models import Sum
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import DemandUnit, Family, Market, Scope, Unit
from core.errors import Refused
from core.models import Person
from forecasting.models import (
    ForecastChunk,
    ForecastNode,
    ForecastNodeValue,
    ForecastRun,
    ForecastSeries,
    ForecastValue,
    RunState,
)
from forecasting.pipeline import chunks, running
from forecasting.pipeline.running import Alone, work_through
from forecasting.selectors import levels
from forecasting.selectors.values import forecast_frame
from forecasting.services.run_now import run_now
from forecasting.services.runs import start_run
from tests.forecasting.conftest import HISTORY, LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
ORDER = ("lower_95", "lower_80", "mean", "upper_80", "upper_95")


@pytest.fixture
def done(sold: World, analyst: Person) -> ForecastRun:
    return run_now(actor=analyst, last_month=LAST, horizon=18)


def _node(run: ForecastRun, family: Family | None, market: Market | None, unit: Unit | None) -> ForecastNode:
    return ForecastNode.objects.get(run=run, family=family, market=market, unit=unit)


def _sum_of(node: ForecastNode) -> float:
    return sum(value.mean for value in levels.values_of_node(node))


def _assert_all_adds_up(run: ForecastRun) -> None:
    """Every node of quantities and of revenue against its demand units, month by month."""
    prices = dict(ForecastSeries.objects.filter(run=run).values_list("demand_unit", "price"))
    for node in ForecastNode.objects.filter(run=run):
        inside = levels._inside(node)
        rows = ForecastValue.objects.filter(inside, run=run).values_list("demand_unit", "month", "mean")
        expected: dict = {}
        for unit, month, mean in rows:
            worth = mean * (1.0 if node.unit_id else prices[unit] or 0.0)
            expected[month] = expected.get(month, 0.0) + worth
        found = {value.month: value.mean for value in levels.values_of_node(node)}
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), node
        assert len(set(rows.values_list("demand_unit", flat=True))) == node.demand_units


def test_every_family_and_market_adds_up_in_quantities_and_revenue(done: ForecastRun, sold: World) -> None:
    assert ForecastNode.objects.filter(run=done).count() == 24  # 3 families × 4 markets × 2, all there
    _assert_all_adds_up(done)
    whole = _node(done, None, None, sold.piece)
    units = ForecastValue.objects.filter(run=done).aggregate(total=Sum("mean"))["total"]
    assert _sum_of(whole) == pytest.approx(units, rel=1e-6)
    assert _sum_of(_node(done, None, None, None)) == pytest.approx(units * 100, rel=1e-6)  # 100 € each


def test_every_level_has_intervals_in_order(done: ForecastRun) -> None:
    for row in ForecastNodeValue.objects.filter(node__run=done).values_list(*ORDER):
        assert row[0] >= 0
        assert list(row) == sorted(row)
    widths = ForecastNodeValue.objects.filter(node__run=done, node__unit=None)
    assert all(value.upper_80 > value.mean for value in widths)


def test_the_history_of_a_node_is_what_its_active_units_sold(done: ForecastRun, sold: World) -> None:
    node = _node(done, sold.touring, None, sold.piece)

    history = levels.history_of_node(node)

    assert (len(history), history[LAST]) == (HISTORY, (100 + 200) + 2 * 110)
    assert levels.history_of_node(_node(done, sold.touring, None, None))[LAST] == 100 * history[LAST]


def test_products_of_different_units_are_summed_apart_but_their_revenue_together(sold: World) -> None:
    kilo = Unit.objects.create(code="KG", name="Kilogram")
    wax = sold.unit(sold.product("WAX", unit=kilo), sold.tyrol)
    sold.history(wax, HISTORY, lambda i: 1000 + i)

    run = run_now(actor=None, last_month=LAST, horizon=6)

    _assert_all_adds_up(run)
    of_wax = ForecastValue.objects.filter(run=run, demand_unit=wax).aggregate(total=Sum("mean"))["total"]
    assert _sum_of(_node(run, sold.touring, sold.tyrol, kilo)) == pytest.approx(of_wax)
    assert _node(run, sold.touring, sold.tyrol, sold.piece).demand_units == 2
    assert _node(run, sold.touring, sold.tyrol, None).demand_units == 3


def test_inactive_units_and_families_without_units_are_in_no_node(sold: World) -> None:
    Family.objects.create(code="BOOTS", name="Boots")
    DemandUnit.objects.filter(pk=sold.slope_north.pk).update(is_active=False)

    run = run_now(actor=None, last_month=LAST, horizon=3)

    _assert_all_adds_up(run)
    assert not ForecastNode.objects.filter(run=run, family__code="BOOTS").exists()
    assert _node(run, None, None, sold.piece).demand_units == 3


def test_a_company_of_one_unit_has_nodes_that_are_that_unit(world: World) -> None:
    DemandUnit.objects.exclude(pk=world.ridge_tyrol.pk).update(is_active=False)
    world.history(world.ridge_tyrol, HISTORY, lambda i: 50 + i % 12)

    run = run_now(actor=None, last_month=LAST, horizon=3)

    assert not ForecastChunk.objects.filter(run=run, of_levels=True).exists()  # nothing to forecast twice
    whole = levels.values_of_node(_node(run, None, None, world.piece))
    unit = ForecastValue.objects.filter(run=run, demand_unit=world.ridge_tyrol).order_by("month")
    for name in ORDER:
        assert [getattr(v, name) for v in whole] == pytest.approx([getattr(v, name) for v in unit])


def test_the_cut_into_chunks_changes_nothing_of_any_level(
    sold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_now(actor=None, last_month=LAST, horizon=3)
    monkeypatch.setattr(chunks, "FEWEST_SERIES", 1)
    monkeypatch.setattr("forecasting.services.runs._same_work", lambda work: None)
    monkeypatch.setattr("forecasting.services.runs.work_hash", lambda *given: "the same in other chunks")
    monkeypatch.setattr(running, "work_hash", lambda *given: "the same in other chunks")
    cut = run_now(actor=None, last_month=LAST, horizon=3)

    assert ForecastChunk.objects.filter(run=cut, of_levels=True).count() > 1
    np.testing.assert_allclose(forecast_frame(cut)["mean"], forecast_frame(whole)["mean"], rtol=1e-9)
    means = [
        list(
            ForecastNodeValue.objects.filter(node__run=run)
            .order_by("node__family", "node__market", "node__unit", "month")
            .values_list("mean", "lower_80", "upper_95")
        )
        for run in (whole, cut)
    ]
    np.testing.assert_allclose(means[0], means[1], rtol=1e-9)


def test_a_run_that_dies_while_it_adds_up_keeps_nothing_half_and_ends_the_same(
    sold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = running.settle_levels

    def die_after_it(*given: object) -> None:
        settle(*given)
        raise ValueError("out of paper")

    monkeypatch.setattr(running, "settle_levels", die_after_it)
    with pytest.raises(ValueError, match="out of paper"):
        run_now(actor=None, last_month=LAST, horizon=3)
    stopped = ForecastRun.objects.get()
    assert stopped.state == RunState.FAILED
    assert not ForecastValue.objects.exists()
    assert not ForecastNodeValue.objects.exists()
    kept = set(ForecastSeries.objects.values_list("pk", flat=True))

    monkeypatch.setattr(running, "settle_levels", settle)
    again = run_now(actor=None, last_month=LAST, horizon=3)

    assert (again.pk, again.state) == (stopped.pk, RunState.DONE)
    assert set(ForecastSeries.objects.values_list("pk", flat=True)) == kept
    _assert_all_adds_up(again)


def test_a_family_that_moves_on_the_way_ends_the_run(sold: World, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=3)
    Family.objects.filter(pk=sold.touring.pk).update(parent=None)

    with pytest.raises(Refused, match="how families and markets hang together"):
        work_through(run, Alone(str))


def test_nodes_are_never_changed(done: ForecastRun) -> None:
    for change in (
        lambda: ForecastNode.objects.filter(run=done).update(method="better"),
        lambda: ForecastNodeValue.objects.filter(node__run=done).update(mean=1),
        lambda: ForecastNodeValue.objects.filter(node__run=done)._raw_delete("default"),
    ):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            change()


def test_parts_and_what_hangs_on_the_family_itself_make_the_whole(done: ForecastRun, sold: World) -> None:
    node = _node(done, sold.skis, None, sold.piece)
    whole, parts = levels.ahead_of(node), levels.families_of_node(None, node)

    rest = levels.rest_of(whole, parts, "Directly in Skis")

    assert [part.name for part in parts] == ["Touring skis · All markets"]
    assert (rest[0].name, rest[0].demand_units) == ("Directly in Skis", 1)
    assert sum(part.ahead for part in [*parts, *rest]) == pytest.approx(whole.ahead)
    assert sum(part.share(whole.ahead) or 0 for part in [*parts, *rest]) == pytest.approx(1.0)
    year = sum(value for month, value in levels.history_of_node(node).items() if month.year == LAST.year)
    assert whole.before == pytest.approx(year)


# --- the page -----------------------------------------------------------------------------------


def test_the_page_shows_the_whole_company_and_the_way_down(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get(f"/forecasts/{done.pk}/levels/")
    with pinned_queries():
        page = client.get(f"/forecasts/{done.pk}/levels/").content.decode()

    assert "All families · All markets" in page.partition("<h1")[2][:300]
    for words in ("The next 12 months lie", "By family", "By market", "Skis", "Alps", "Month by month"):
        assert words in page
    assert "family=SKIS&amp;measure=revenue" in page
    assert f"/forecasts/{done.pk}/levels/" in client.get(f"/forecasts/{done.pk}/").content.decode()


def test_a_small_node_lists_its_demand_units_and_the_way_up(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    asked = {"family": "TOUR", "market": "TYR", "measure": "PC"}
    page = signed_in(analyst).get(f"/forecasts/{done.pk}/levels/", asked).content.decode()

    assert "Touring skis · Tyrol" in page
    assert f"/forecasts/{done.pk}/series/{sold.ridge_tyrol.pk}/" in page
    assert "family=TOUR&amp;market=ALPS&amp;measure=PC" in page
    assert "family=SKIS&amp;market=TYR&amp;measure=PC" in page


def test_a_demand_unit_leads_to_its_family_and_market(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    page = signed_in(analyst).get(f"/forecasts/{done.pk}/series/{sold.ridge_tyrol.pk}/").content.decode()

    assert f"/forecasts/{done.pk}/levels/?family=TOUR&amp;market=TYR&amp;measure=PC" in page


def test_the_months_of_a_node_are_taken_out(done: ForecastRun, analyst: Person, signed_in: SignIn) -> None:
    asked = {"family": "TOUR", "measure": "PC", "export": "csv"}
    answer = signed_in(analyst).get(f"/forecasts/{done.pk}/levels/", asked)

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    ahead = [float(row["Forecast"]) for row in rows if row["Forecast"]]
    assert (len(rows), len(ahead)) == (HISTORY + 18, 18)
    assert sum(ahead) == pytest.approx(
        _sum_of(_node(done, Family.objects.get(code="TOUR"), None, Unit.objects.get()))
    )


def test_what_is_not_sold_anywhere_says_so(done: ForecastRun, analyst: Person, signed_in: SignIn) -> None:
    client = signed_in(analyst)

    unknown = client.get(f"/forecasts/{done.pk}/levels/", {"family": "NOWHERE"}).content.decode()
    assert "Nothing here" in unknown
    assert "Select a valid choice" in unknown


def test_an_unfinished_run_and_one_of_an_earlier_version_say_why_there_is_nothing(
    sold: World, analyst: Person, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = start_run(actor=analyst, last_month=LAST, horizon=3)
    client = signed_in(analyst)
    assert "Not done yet" in client.get(f"/forecasts/{waiting.pk}/levels/").content.decode()

    monkeypatch.setattr(running, "settle_levels", lambda *given: None)
    monkeypatch.setattr(chunks, "forecast_levels", lambda *given: lambda: None)
    work_through(waiting, Alone(str))
    assert "No families and markets yet" in client.get(f"/forecasts/{waiting.pk}/levels/").content.decode()


def test_a_narrowed_person_sees_only_nodes_wholly_inside(
    done: ForecastRun, sold: World, analyst: Person, signed_in: SignIn, api: Api
) -> None:
    Scope.objects.create(person=analyst, family=sold.touring)
    Scope.objects.create(person=analyst, market=sold.alps)

    seen = {(node.family_id, node.market_id) for node in levels.nodes_visible_to(analyst)}
    assert seen == {(sold.touring.pk, sold.alps.pk), (sold.touring.pk, sold.tyrol.pk)}
    page = signed_in(analyst).get(f"/forecasts/{done.pk}/levels/").content.decode()
    assert "Touring skis · Alps" in page
    assert "The largest of yours" in page
    assert "All families" not in page
    assert "North" not in page
    refused = signed_in(analyst).get(f"/forecasts/{done.pk}/levels/", {"family": "SKIS"}).content.decode()
    assert "Nothing here" in refused
    hidden = _node(done, None, None, None)
    assert api(analyst).get(f"/api/v1/forecast-levels/{hidden.pk}/").status_code == 404


def test_who_may_not_see_forecasts_sees_no_levels(
    done: ForecastRun, stranger: Person, signed_in: SignIn, api: Api
) -> None:
    assert signed_in(stranger).get(f"/forecasts/{done.pk}/levels/").status_code == 403
    assert api(stranger).get("/api/v1/forecast-levels/").status_code == 403


# --- the API ------------------------------------------------------------------------------------


def test_the_api_lists_nodes_and_gives_the_months_of_one(
    done: ForecastRun, sold: World, analyst: Person, api: Api
) -> None:
    client = api(analyst)
    found = client.get("/api/v1/forecast-levels/", {"run": done.pk, "family": "SKIS", "all_markets": True})
    assert {row["unit"] for row in found.json()["results"]} == {None, "PC"}

    node = _node(done, sold.skis, None, sold.piece)
    body = client.get(f"/api/v1/forecast-levels/{node.pk}/").json()

    assert (body["family"], body["market"], body["unit"], body["demand_units"]) == ("SKIS", None, "PC", 4)
    assert sum(month["mean"] for month in body["months"]) == pytest.approx(_sum_of(node))
    assert body["history"][-1] == {"month": "2025-12-01", "value": 300.0 + 300.0 + 330.0}


def test_levels_of_an_unfinished_run_are_not_given_out(
    sold: World, analyst: Person, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*given: object) -> None:
        raise ValueError("out of paper")

    monkeypatch.setattr(running, "settle_levels", stop)
    with pytest.raises(ValueError, match="out of paper"):
        run_now(actor=None, last_month=LAST, horizon=3)

    assert ForecastNode.objects.exists()
    assert api(analyst).get("/api/v1/forecast-levels/").json()["results"] == []
