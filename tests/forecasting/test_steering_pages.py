"""Pages of launches, successors and cleaned months: lists, forms, buttons, rights."""

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import DemandUnit, Product, Scope
from core.models import Person
from forecasting.models import ForecastRun, Launch, MonthMark, MonthSaid, Succession
from forecasting.selectors.launches import suggested_likes, unplanned_launches, unplanned_successions
from forecasting.services.launches import plan_launch
from forecasting.services.run_now import run_now
from forecasting.services.successions import plan_succession
from tests.forecasting.conftest import LAST
from tests.gathering.world import World, month

SignIn = Callable[[Person], Client]


@pytest.fixture
def odd(sold: World) -> DemandUnit:
    found = sold.unit(sold.product("ODD"), sold.north)
    sold.history(found, 36, lambda i: 1200 if i == 29 else 100)
    return found


@pytest.fixture
def new(sold: World) -> DemandUnit:
    return DemandUnit.objects.get(product__code="NEW")


@pytest.fixture
def run(odd: DemandUnit) -> ForecastRun:
    return run_now(actor=None, last_month=LAST, horizon=6)


def test_new_items_are_listed_until_somebody_plans_them(
    new: DemandUnit, sold: World, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    client.get("/forecasts/launches/")
    with pinned_queries():
        page = client.get("/forecasts/launches/").content.decode()
    assert "No launch plans yet" in page
    assert f"/forecasts/units/{new.pk}/launch/" in page

    plan_launch(actor=None, demand_unit=new, first_month=LAST, likes=[(sold.ridge_tyrol, 1)], reason="x")

    page = client.get("/forecasts/launches/").content.decode()
    assert f"/forecasts/units/{new.pk}/launch/" not in page
    assert "Every new item has a plan" in page
    assert not unplanned_launches(analyst).exists()


def test_a_launch_is_planned_by_giving_a_weight_to_what_is_suggested(
    new: DemandUnit, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    client, address = signed_in(analyst), f"/forecasts/units/{new.pk}/launch/"
    like, other = sold.ridge_tyrol, sold.slope_north
    form = client.get(address).content.decode()
    assert f"Weight of {like}" in form
    assert "Same family, same market" in form
    sent = {"first_month": "2026-02", "level": "", "others": "SLOPE, NOR, 1", "reason": "Looks alike"}

    answer = client.post(address, sent | {f"like_{like.pk}": "3"})

    plan = Launch.objects.get()
    assert answer["Location"] == f"/forecasts/launches/{plan.pk}/"
    assert {(row.demand_unit_id, row.weight) for row in plan.likes.all()} == {(like.pk, 3), (other.pk, 1)}
    page = client.get(answer["Location"]).content.decode()
    assert "Looks alike" in page
    assert f"/forecasts/launches/{plan.pk}/edit/" in page


def test_what_is_wrong_with_a_launch_stands_on_its_form(
    new: DemandUnit, analyst: Person, signed_in: SignIn
) -> None:
    client, address = signed_in(analyst), f"/forecasts/units/{new.pk}/launch/"
    sent = {"first_month": "2026-02", "level": "", "others": "", "reason": "x"}

    for others, sentence in [
        ("", "Choose 1 to 12 items"),
        ("SLOPE", "Write product, market, weight"),
        ("NONE, NOR, 1", "you plan no NONE in NOR"),
        ("SLOPE, NOR, much", "much is no weight"),
    ]:
        answer = client.post(address, sent | {"others": others})
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
    assert not Launch.objects.exists()


def test_a_launch_is_changed_and_withdrawn_on_its_pages(
    new: DemandUnit, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    like = sold.ridge_tyrol
    plan = plan_launch(actor=analyst, demand_unit=new, first_month=LAST, likes=[(like, 1)], reason="x")
    client, address = signed_in(analyst), f"/forecasts/launches/{plan.pk}/"
    assert 'name="revision" value="1"' in client.get(f"{address}edit/").content.decode()
    sent = {"first_month": "2026-03", "level": "70", "others": "", "reason": "y", f"like_{like.pk}": "1"}

    client.post(f"{address}edit/", sent | {"revision": "1"})
    plan.refresh_from_db()
    assert (plan.level, plan.reason, plan.revision) == (70, "y", 2)
    assert client.post(f"{address}edit/", sent | {"revision": "1", "level": "9"}).status_code == 409

    client.post(f"{address}withdraw/", {"revision": "2"})
    plan.refresh_from_db()
    assert plan.is_withdrawn
    assert client.get(f"{address}edit/").status_code == 404


def test_a_successor_that_only_the_catalog_knows_is_suggested_and_planned(
    sold: World, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    heir = sold.unit(sold.product("HEIR", predecessor=sold.slope), sold.north)
    client = signed_in(analyst)
    client.get("/forecasts/successions/")
    with pinned_queries():
        page = client.get("/forecasts/successions/").content.decode()
    assert f"/forecasts/units/{heir.pk}/follow/" in page
    assert 'value="HEIR"' in client.get(f"/forecasts/units/{heir.pk}/follow/").content.decode()

    sent = {"new": "HEIR", "first_month": "2026-02", "ramp": "25, 50 %, 75", "reason": "Renewed"}
    client.post(f"/forecasts/units/{heir.pk}/follow/", sent)

    row = Succession.objects.get()
    assert (row.old, row.new, row.ramp) == (sold.slope_north, heir, [25, 50, 75])
    assert not unplanned_successions(analyst).exists()
    assert "25 %, 50 %, 75 %, then all" in client.get("/forecasts/successions/").content.decode()
    assert "Until Feb 2026" in client.get(f"/forecasts/successions/{row.pk}/").content.decode()


def test_a_succession_is_refused_changed_and_withdrawn(
    sold: World, analyst: Person, signed_in: SignIn
) -> None:
    client, old = signed_in(analyst), sold.slope_north
    address = f"/forecasts/units/{old.pk}/succession/"
    sent = {"new": "", "first_month": "2026-02", "ramp": "", "reason": "It ends"}
    for bad, sentence in [
        ({"new": "RIDGE2"}, "You plan no product RIDGE2"),
        ({"ramp": "half"}, "whole percent"),
    ]:
        answer = client.post(address, sent | bad)
        assert (answer.status_code, sentence in answer.content.decode()) == (400, True)

    client.post(address, sent)
    row = Succession.objects.get()
    client.post(f"/forecasts/successions/{row.pk}/edit/", sent | {"ramp": "40", "revision": "1"})
    client.post(f"/forecasts/successions/{row.pk}/withdraw/", {"revision": "2"})

    row.refresh_from_db()
    assert (row.ramp, row.is_withdrawn, row.revision) == ([40], True, 3)


def test_a_cleaned_month_is_kept_and_left_again_by_one_click_on_the_page_of_its_series(
    run: ForecastRun, odd: DemandUnit, analyst: Person, signed_in: SignIn
) -> None:
    client, here = signed_in(analyst), f"/forecasts/{run.pk}/series/{odd.pk}/"
    page = client.get(here).content.decode()
    assert "Keep Jun 25" in page
    address = f"/forecasts/units/{odd.pk}/months/"

    answer = client.post(
        address, {"month": "2025-06", "said": "kept", "reason": "The fair", "back": here}, follow=True
    )
    assert answer.redirect_chain == [(f"{here}#cleaned-months", 302)]
    assert "Leave Jun 25 to the forecast" in answer.content.decode()
    mark = MonthMark.objects.get()
    assert (mark.month, mark.said, mark.owner, mark.reason) == (month(29), "kept", analyst, "The fair")

    client.post(address, {"month": "2025-06", "said": "nothing", "revision": "1", "back": here})
    client.post(address, {"month": "2025-11", "said": "masked", "reason": "Strike", "back": here})
    said = dict(MonthMark.objects.values_list("month", "said"))
    assert said == {month(29): MonthSaid.NOTHING, month(34): MonthSaid.MASKED}


def test_what_cannot_be_said_about_a_month_is_told_and_changes_nothing(
    run: ForecastRun, odd: DemandUnit, analyst: Person, signed_in: SignIn
) -> None:
    client, address = signed_in(analyst), f"/forecasts/units/{odd.pk}/months/"
    elsewhere = "https://example.com/"

    for sent, sentence in [
        ({"month": "2025-06", "said": "kept"}, "Say why"),
        ({"month": "soon", "said": "kept"}, "Choose a month"),
        ({"month": "2031-01", "said": "masked", "reason": "x"}, "Use a month from Jan 2023"),
    ]:
        answer = client.post(address, sent | {"back": elsewhere}, follow=True)
        assert answer.redirect_chain[0][0] == f"/forecasts/units/{odd.pk}/"
        assert sentence in answer.content.decode()
    assert not MonthMark.objects.exists()


def test_the_list_of_cleaned_months_begins_with_the_dearest(
    run: ForecastRun, odd: DemandUnit, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client, address = signed_in(analyst), f"/forecasts/{run.pk}/cleaned/"
    client.get(address)
    with pinned_queries():
        page = client.get(address).content.decode()

    assert f"/forecasts/{run.pk}/series/{odd.pk}/#cleaned-months" in page
    assert "110\u202f000" in page
    assert "Replaced" in client.get(f"{address}?export=csv").getvalue().decode()


def test_the_most_alike_comes_first_and_a_named_predecessor_before_it(sold: World, new: DemandUnit) -> None:
    near = [one.unit for one in suggested_likes(None, new)]
    assert near[0] == sold.ridge_tyrol
    named = sold.unit(sold.slope, sold.tyrol)
    sold.history(named, 12)
    Product.objects.filter(pk=new.product_id).update(predecessor=sold.slope)
    fresh = DemandUnit.objects.get(pk=new.pk)

    first = suggested_likes(None, fresh)[0]

    assert (first.unit, first.score) == (named, 1.0)
    assert first.words.startswith("The catalog names it as the predecessor")


def test_who_may_not_steer_sees_no_buttons_and_is_refused(
    run: ForecastRun, odd: DemandUnit, new: DemandUnit, executive: Person, signed_in: SignIn
) -> None:
    client = signed_in(executive)
    page = client.get(f"/forecasts/{run.pk}/series/{odd.pk}/").content.decode()
    assert "Cleaned months" in page
    assert "Keep Jun 25" not in page
    assert "/launch/" not in client.get("/forecasts/launches/").content.decode()
    for address in (f"/forecasts/units/{new.pk}/launch/", f"/forecasts/units/{odd.pk}/succession/"):
        assert client.get(address).status_code == 403
    sent = {"month": "2025-06", "said": "kept", "reason": "x"}
    assert client.post(f"/forecasts/units/{odd.pk}/months/", sent).status_code == 403


def test_plans_outside_of_ones_scope_are_not_there(
    new: DemandUnit, sold: World, analyst: Person, signed_in: SignIn
) -> None:
    plan = plan_launch(
        actor=None, demand_unit=new, first_month=LAST, likes=[(sold.ridge_tyrol, 1)], reason="x"
    )
    ends = plan_succession(actor=None, old=sold.ridge_tyrol, new=None, first_month=LAST, reason="x")
    Scope.objects.create(person=analyst, market=sold.north)
    client = signed_in(analyst)

    for address in (
        f"/forecasts/launches/{plan.pk}/",
        f"/forecasts/successions/{ends.pk}/",
        f"/forecasts/units/{new.pk}/launch/",
    ):
        assert client.get(address).status_code == 404
