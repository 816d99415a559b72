"""Pinned methods: they change the next run and only their own series, with a reason, and can be ended."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Scope
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from forecasting.models import ForecastPin, ForecastRun, ForecastSeries
from forecasting.services.pins import end_pin, pin_method
from forecasting.services.run_now import run_now
from forecasting.views.pins import worth_words
from gathering.models import Sales
from tests.forecasting.conftest import HISTORY, LAST
from tests.gathering.world import World

SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
PINS = "/api/v1/forecast-pins/"
AHEAD = 6


def run_of(person: Person) -> ForecastRun:
    return run_now(actor=person, last_month=LAST, horizon=AHEAD)


def own(run: ForecastRun) -> dict[int, list[list[float]]]:
    """Each unit's own forecast and how far its intervals reach, before all levels are made to add up."""
    return dict(ForecastSeries.objects.filter(run=run).values_list("demand_unit", "base"))


@pytest.fixture(autouse=True)
def _ridge_sells_with_chance(sold: World) -> None:
    """No exact repetition of the season, which would leave nothing to measure errors by."""
    Sales.objects.filter(demand_unit=sold.ridge_tyrol).delete()
    sold.history(sold.ridge_tyrol, HISTORY, lambda i: 200 + 4 * i + 20 * (i % 12) + i * 7919 % 23)


def test_a_pin_changes_the_next_run_and_only_its_own_series(sold: World, analyst: Person) -> None:
    before = run_of(analyst)
    unit = sold.ridge_tyrol
    pin_method(actor=analyst, unit=unit, method="year-mean", reason="The season is over for good")

    after = run_of(analyst)

    was, now = own(before), own(after)
    assert after.pk != before.pk
    assert {key for key in was if was[key] != now[key]} == {unit.pk}
    assert len(set(now[unit.pk][0])) == 1  # flat
    row = ForecastSeries.objects.get(run=after, demand_unit=unit)
    assert row.method == "pinned: mean of a year"
    assert row.reason == "Pinned by Ada Analyst: The season is over for good."
    route = ForecastSeries.objects.get(run=before, demand_unit=unit)
    assert row.without_pin["mase"] == pytest.approx(route.mase)
    assert row.mase != route.mase
    assert not ForecastSeries.objects.filter(run=after).exclude(demand_unit=unit).exclude(without_pin=None)


def test_a_run_keeps_the_pins_it_was_asked_for_with(sold: World, analyst: Person) -> None:
    pin = pin_method(actor=analyst, unit=sold.ridge_tyrol, method="theta", reason="as agreed")

    run = run_of(analyst)

    kept = {"pin": pin.pk, "method": "theta", "by": "Ada Analyst", "note": "as agreed"}
    assert run.pins == {str(sold.ridge_tyrol.pk): kept}
    assert run_of(analyst) == run  # the same work, once


def test_after_the_end_the_engine_chooses_again(sold: World, analyst: Person, colleague: Person) -> None:
    before = run_of(analyst)
    pin = pin_method(actor=analyst, unit=sold.ridge_tyrol, method="theta", reason="as agreed")
    run_of(analyst)

    end_pin(actor=colleague, pin=pin, revision=pin.revision, reason="It does not pay")

    assert run_of(analyst) == before  # no pins, no other data: the first run is still right
    pin.refresh_from_db()
    assert (pin.ended_by, pin.end_reason) == (colleague, "It does not pay")
    assert set(Event.objects.values_list("verb", flat=True)) >= {"method pinned", "pin ended"}


def test_a_pin_that_cannot_be_used_says_so_in_the_run(sold: World, analyst: Person) -> None:
    never_sold = sold.unit(sold.product("NEW2"), sold.tyrol)
    pin_method(actor=analyst, unit=never_sold, method="sarimax", reason="I like it")

    run = run_of(analyst)

    row = ForecastSeries.objects.get(run=run, demand_unit=never_sold)
    assert row.reason.startswith("Pinned to SARIMAX by Ada Analyst, but ")
    assert row.reason.endswith("There is no history.")
    assert (row.method, row.without_pin) == ("zero", None)


def test_a_new_pin_takes_the_place_of_the_one_that_holds(sold: World, analyst: Person) -> None:
    unit = sold.ridge_tyrol
    first = pin_method(actor=analyst, unit=unit, method="theta", reason="first")
    second = pin_method(actor=analyst, unit=unit, method="ets", reason="second")

    first.refresh_from_db()
    assert first.ended is not None
    assert first.end_reason == "Replaced: second"
    assert list(ForecastPin.objects.filter(demand_unit=unit, ended=None)) == [second]
    with pytest.raises(Refused, match="already"):
        pin_method(actor=analyst, unit=unit, method="ets", reason="again")


@pytest.mark.parametrize(
    ("method", "reason", "field"), [("magic", "why not", "method"), ("theta", "   ", "reason")]
)
def test_a_pin_needs_a_known_method_and_a_reason(
    sold: World, analyst: Person, method: str, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        pin_method(actor=analyst, unit=sold.ridge_tyrol, method=method, reason=reason)

    assert [one.field for one in refusal.value.reasons] == [field]
    assert not ForecastPin.objects.exists()


def test_an_inactive_unit_is_not_pinned(sold: World, analyst: Person) -> None:
    unit = sold.ridge_tyrol
    unit.is_active = False
    unit.save()

    with pytest.raises(Refused, match="not active"):
        pin_method(actor=analyst, unit=unit, method="theta", reason="as agreed")


def test_only_analysts_and_managers_pin_within_their_scope(
    sold: World, analyst: Person, manager: Person, coordinator: Person, executive: Person, sales_rep: Person
) -> None:
    for person in (coordinator, executive, sales_rep):
        with pytest.raises(Denied, match="pin forecast methods"):
            pin_method(actor=person, unit=sold.ridge_tyrol, method="theta", reason="as agreed")
    pin = pin_method(actor=manager, unit=sold.slope_north, method="theta", reason="as agreed")
    Scope.objects.create(person=analyst, family=sold.touring)

    with pytest.raises(Denied, match="outside your families"):
        pin_method(actor=analyst, unit=sold.slope_north, method="ets", reason="as agreed")
    with pytest.raises(Denied, match="outside your families"):
        end_pin(actor=analyst, pin=pin, revision=pin.revision, reason="no")


def test_a_pin_ends_once_with_a_reason_and_on_its_newest_version(sold: World, analyst: Person) -> None:
    pin = pin_method(actor=analyst, unit=sold.ridge_tyrol, method="theta", reason="as agreed")

    with pytest.raises(Invalid, match="Say why"):
        end_pin(actor=analyst, pin=pin, revision=pin.revision, reason=" ")
    with pytest.raises(Conflict):
        end_pin(actor=analyst, pin=pin, revision=pin.revision + 1, reason="over")
    ended = end_pin(actor=analyst, pin=pin, revision=pin.revision, reason="over")
    with pytest.raises(Refused, match="ended already"):
        end_pin(actor=analyst, pin=ended, revision=ended.revision, reason="over")


def test_the_database_keeps_one_pin_at_a_time_and_forgets_none(sold: World, analyst: Person) -> None:
    pin = pin_method(actor=analyst, unit=sold.ridge_tyrol, method="theta", reason="as agreed")

    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        ForecastPin.objects.create(demand_unit=sold.ridge_tyrol, method="ets", reason="twice")
    with pytest.raises(IntegrityError, match="end_says_why"), transaction.atomic():
        ForecastPin.objects.filter(pk=pin.pk).update(end_reason="never ended")
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM forecasting_forecastpin WHERE id = %s", [pin.pk])


def test_pins_are_made_listed_and_ended_on_pages(
    sold: World, analyst: Person, executive: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client, unit = signed_in(analyst), sold.ridge_tyrol
    run_of(analyst)
    form = client.get(f"/forecasts/units/{unit.pk}/pin/?method=year-mean").content.decode()
    assert '<option value="year-mean" selected' in form

    refused = client.post(f"/forecasts/units/{unit.pk}/pin/", {"method": "year-mean", "reason": ""})
    assert refused.status_code == 400
    made = client.post(f"/forecasts/units/{unit.pk}/pin/", {"method": "year-mean", "reason": "No season"})
    assert made.status_code == 302
    pin = ForecastPin.objects.get()
    run = run_of(analyst)
    page = client.get(f"/forecasts/{run.pk}/series/{unit.pk}/").content.decode()
    row = ForecastSeries.objects.get(run=run, demand_unit=unit)
    verdict = "pays" if row.mase < row.without_pin["mase"] else "does not pay"
    assert f"It {verdict}" in page
    assert f"/forecasts/pins/{pin.pk}/end/" in page
    client.get("/forecasts/pins/")
    with pinned_queries():
        listed = client.get("/forecasts/pins/").content.decode()
    assert "No season" in listed
    assert f">{verdict}<" in listed
    seen = signed_in(executive).get(f"/forecasts/{run.pk}/series/{unit.pk}/").content.decode()
    assert "Pinned to" in seen
    assert f"/forecasts/pins/{pin.pk}/end/" not in seen
    assert signed_in(executive).get(f"/forecasts/units/{unit.pk}/pin/").status_code == 403

    ended = client.post(f"/forecasts/pins/{pin.pk}/end/", {"revision": pin.revision, "reason": "Over"})

    assert ended.status_code == 302
    pin.refresh_from_db()
    assert pin.end_reason == "Over"


def test_pins_by_api(sold: World, analyst: Person, executive: Person, api: Api) -> None:
    unit = sold.ridge_tyrol
    sent = {"demand_unit": unit.pk, "method": "theta", "reason": "as agreed"}

    made = api(analyst).post(PINS, sent)
    again = api(analyst).post(PINS, sent)

    body = made.json()
    assert (made.status_code, body["pinned_by"], body["pays"]) == (201, "analyst@example.com", None)
    assert again.status_code == 409
    assert api(executive).post(PINS, sent).status_code == 403
    assert api(executive).get(PINS).json()["count"] == 1
    run_of(analyst)
    assert api(analyst).get(f"{PINS}{body['id']}/").json()["error_without"] is not None
    ended = api(analyst).post(f"{PINS}{body['id']}/end/", {"revision": body["revision"], "reason": "over"})
    assert (ended.status_code, ended.json()["end_reason"]) == (200, "over")
    Scope.objects.create(person=analyst, family=sold.touring)
    hidden = {"demand_unit": sold.slope_north.pk, "method": "theta", "reason": "as agreed"}
    assert api(analyst).post(PINS, hidden).status_code == 404


@pytest.mark.parametrize(
    ("mase", "wape", "without", "words"),
    [
        (1.0, 0.2, {"mase": 1.5, "wape": 0.3}, "pays"),
        (1.5, 0.3, {"mase": 1.0, "wape": 0.2}, "does not pay"),
        (None, 0.2, {"mase": None, "wape": 0.3}, "pays"),
        (None, None, {"mase": 1.0, "wape": 0.3}, "not tested"),
    ],
)
def test_a_pin_pays_where_it_errs_less_than_the_route(
    mase: float | None, wape: float | None, without: dict, words: str
) -> None:
    pin = ForecastPin()
    pin.mase, pin.wape, pin.without, pin.used_in = mase, wape, without, 7

    assert worth_words(pin) == words
    pin.mase = pin.wape = pin.without = pin.used_in = None
    assert worth_words(pin) == "not used yet"
