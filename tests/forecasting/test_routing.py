"""What planners say about the lives and months of demand units, from the service to the finished run."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from pandas.testing import assert_frame_equal

from catalog.models import DemandUnit, Market, Product, Scope, Unit
from core.errors import Conflict, Denied, Invalid
from core.models import Event, Person
from forecasting.models import Launch, MonthSaid, Succession
from forecasting.pipeline import chunks
from forecasting.pipeline.history import load_panel
from forecasting.pipeline.steering import steering_hash
from forecasting.selectors.months import cleaned_visible_to
from forecasting.selectors.values import forecast_frame
from forecasting.services.launches import change_launch, plan_launch, withdraw_launch
from forecasting.services.month_marks import mark_month
from forecasting.services.successions import change_succession, plan_succession, withdraw_succession
from tests.forecasting.conftest import LAST, forecast, series, values
from tests.gathering.world import World, month

FIRST_AHEAD = dt.date(2026, 1, 1)


@pytest.fixture
def launched(sold: World) -> World:
    """An item that began in January 2024 with a ramp, and one that is new."""
    begun = sold.unit(sold.product("BEGUN"), sold.tyrol)
    sold.history(begun, 36, lambda i: 0 if i < 12 else 200 * min(1.0, 0.25 * (i - 11)))
    return sold


def unit(world: World, code: str, market: Market | None = None) -> DemandUnit:
    return DemandUnit.objects.get(product__code=code, market=market or world.tyrol)


# --- launches -----------------------------------------------------------------------------------


def test_a_new_item_is_forecast_like_the_one_it_resembles(launched: World, analyst: Person) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    launch = plan_launch(
        actor=analyst,
        demand_unit=new,
        first_month=dt.date(2026, 2, 9),
        likes=[(begun, 1)],
        reason="New binding",
    )

    run = forecast()

    assert values(run, new) == pytest.approx([0, 50, 100, 150, 200, 200])
    row = series(run, new)
    assert (row.method, row.reason) == ("like-modelled", "Modelled on Begun: not sold yet.")
    assert row.mase is None
    assert (launch.first_month, launch.owner) == (dt.date(2026, 2, 1), analyst)
    assert launch.modelled_on == f"{begun} (100%)"
    assert Event.objects.filter(verb="launch planned", actor=analyst, reason="New binding").count() == 1


def test_months_sold_correct_the_plan(launched: World) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    plan_launch(actor=None, demand_unit=new, first_month=month(34), likes=[(begun, 1)], reason="x", level=100)
    launched.sell(new, month(34), 50)
    launched.sell(new, month(35), 100)

    run = forecast()

    assert 100 < values(run, new)[-1] < 200
    assert "2 months sold so far put the level" in series(run, new).reason


def test_launches_are_the_same_for_any_cut_into_chunks(
    launched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The like items and the item that follows another lie in other chunks."""
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    plan_launch(actor=None, demand_unit=new, first_month=FIRST_AHEAD, likes=[(begun, 2)], reason="x")
    heir = launched.unit(launched.product("HEIR"), launched.north)
    plan_succession(
        actor=None, old=launched.slope_north, new=heir, first_month=month(38), ramp=[50], reason="x"
    )
    whole = forecast_frame(forecast())
    monkeypatch.setattr(chunks, "FEWEST_SERIES", 1)
    why = "Nobody cleaned it: another run, the same numbers"
    usual = launched.ridge_tyrol
    mark_month(actor=None, demand_unit=usual, month=month(20), said=MonthSaid.KEPT, reason=why)

    cut = forecast()

    assert cut.chunks.filter(of_levels=False).count() == 6
    assert_frame_equal(forecast_frame(cut), whole, rtol=1e-9)


def test_what_cannot_be_a_launch_is_refused_by_field(launched: World, analyst: Person) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    kilo = launched.product("KILO", unit=Unit.objects.create(code="KG", name="Kilogram"))
    by_weight = launched.unit(kilo, launched.tyrol)

    def attempt(likes: list, reason: str = "x", level: float | None = None) -> None:
        plan_launch(actor=analyst, demand_unit=new, first_month=LAST, likes=likes, reason=reason, level=level)

    for likes, sentence in [
        ([], "Choose 1 to 12 items"),
        ([(new, 1)], "cannot be modelled on itself"),
        ([(begun, 1), (begun, 2)], "named twice"),
        ([(begun, 0)], "above 0"),
        ([(by_weight, 1)], "Choose an item of the same unit"),
    ]:
        with pytest.raises(Invalid, match=sentence) as refusal:
            attempt(likes)
        assert refusal.value.reasons[0].field == "likes"
    with pytest.raises(Invalid, match="Say why"):
        attempt([(begun, 1)], reason="  ")
    with pytest.raises(Invalid, match="A level is above 0"):
        attempt([(begun, 1)], level=-3)
    attempt([(begun, 1)])
    with pytest.raises(Invalid, match="has a launch plan already"):
        attempt([(begun, 1)])
    assert Launch.objects.count() == 1


def test_a_launch_plan_is_changed_by_revision_and_withdrawn(
    launched: World, analyst: Person, colleague: Person
) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    plan = plan_launch(
        actor=analyst, demand_unit=new, first_month=FIRST_AHEAD, likes=[(begun, 1)], reason="x"
    )
    likes = [(begun, 1), (launched.ridge_tyrol, 3)]
    changed = change_launch(
        actor=colleague, launch=plan, revision=1, changes={"likes": likes, "level": 80, "reason": "better"}
    )

    assert (changed.revision, changed.level) == (2, 80)
    assert [like.demand_unit_id for like in changed.likes.all()] == [launched.ridge_tyrol.pk, begun.pk]
    with pytest.raises(Conflict):
        change_launch(actor=analyst, launch=plan, revision=1, changes={"level": 90})
    withdraw_launch(actor=analyst, launch=plan, revision=2)
    assert series(forecast(), new).method == "zero"
    plan_launch(actor=analyst, demand_unit=new, first_month=FIRST_AHEAD, likes=[(begun, 1)], reason="again")


# --- successions ---------------------------------------------------------------------------------


def test_a_successor_takes_over_history_and_demand_by_and_by_and_the_sum_stays(sold: World) -> None:
    old = sold.slope_north
    heir = sold.unit(sold.product("HEIR"), sold.north)
    before = forecast()
    plan_succession(actor=None, old=old, new=heir, first_month=month(37), ramp=[25, 50, 75], reason="x")

    run = forecast()

    both = np.array(values(run, old)) + values(run, heir)
    np.testing.assert_allclose(both, values(before, old), rtol=1e-9)
    np.testing.assert_allclose(np.array(values(run, heir)) / both, [0, 0.25, 0.5, 0.75, 1, 1])
    assert series(run, heir).reason.startswith("The history of Slope 70 counts as its own.")
    assert series(run, old).reason.startswith("Replaced by Heir from Feb 2026.")


def test_a_chain_hands_history_on_and_what_is_over_is_nothing(sold: World) -> None:
    a, b, c = sold.slope_north, *(sold.unit(sold.product(code), sold.north) for code in ("B", "C"))
    sold.history(b, 36, lambda i: 0 if i < 30 else 40)
    before = load_panel([a.pk], LAST).values[:, 0] + np.nan_to_num(load_panel([b.pk], LAST).values[:, 0])
    plan_succession(actor=None, old=a, new=b, first_month=month(30), reason="x")
    plan_succession(actor=None, old=b, new=c, first_month=month(36), ramp=[60], reason="x")

    np.testing.assert_array_equal(load_panel([c.pk], LAST).values[:, 0], before)
    run = forecast()
    assert (series(run, a).method, series(run, a).reason) == ("zero", "Replaced by B from Jul 2025.")
    assert values(run, a) == [0.0] * 6
    shares = np.array(values(run, b)) / (np.array(values(run, b)) + values(run, c))
    np.testing.assert_allclose(shares, [0.4, 0, 0, 0, 0, 0], atol=1e-12)


def test_a_phase_out_ends_without_a_successor(sold: World) -> None:
    before = forecast()
    plan_succession(actor=None, old=sold.slope_north, new=None, first_month=month(38), ramp=[50], reason="x")

    run = forecast()

    expected = np.array(values(before, sold.slope_north)) * [1, 1, 0.5, 0, 0, 0]
    np.testing.assert_allclose(values(run, sold.slope_north), expected)
    assert series(run, sold.slope_north).reason.startswith("Phased out from Mar 2026.")


def test_what_the_catalog_discontinues_is_nothing_after_that_day(sold: World) -> None:
    Product.objects.filter(code="SLOPE").update(discontinued_on=dt.date(2026, 3, 15))

    run = forecast()

    assert [value > 0 for value in values(run, sold.slope_north)] == [True, True, True, False, False, False]
    assert "Discontinued on 15 Mar 2026." in series(run, sold.slope_north).reason


def test_a_circle_another_market_or_a_second_successor_is_refused(sold: World, analyst: Person) -> None:
    a, tyrol = sold.slope_north, sold.ridge_tyrol
    b = sold.unit(sold.product("B"), sold.north)
    c = sold.unit(sold.product("C"), sold.north)

    def follow(old: DemandUnit, new: DemandUnit | None, ramp: tuple[int, ...] = ()) -> Succession:
        return plan_succession(
            actor=analyst, old=old, new=new, first_month=FIRST_AHEAD, ramp=ramp, reason="x"
        )

    follow(a, b)
    follow(b, c)
    for old, new, ramp, sentence in [
        (c, a, (), "in a circle"),
        (c, c, (), "Nothing follows itself"),
        (c, tyrol, (), "sold in another market"),
        (a, None, (), "replaced or phased out already"),
        (sold.unit(sold.product("D"), sold.north), c, (), "follows another item already"),
        (c, None, (50, 25), "never falls"),
        (c, None, (50, 101), "from 0 to 100"),
    ]:
        with pytest.raises(Invalid, match=sentence):
            follow(old, new, ramp)
    assert Succession.objects.count() == 2


def test_the_database_itself_refuses_circles_and_other_markets(sold: World) -> None:
    a, b = sold.slope_north, sold.unit(sold.product("B"), sold.north)
    Succession.objects.create(old=a, new=b, first_month=FIRST_AHEAD, reason="x")

    for old, new, ramp in ((b, a, []), (b, sold.ridge_tyrol, []), (b, None, [120])):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            Succession.objects.create(old=old, new=new, first_month=FIRST_AHEAD, ramp=ramp, reason="x")


def test_a_successor_has_no_launch_plan_and_a_launched_item_no_predecessor(launched: World) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    plan = plan_launch(actor=None, demand_unit=new, first_month=LAST, likes=[(begun, 1)], reason="x")
    with pytest.raises(Invalid, match="has a launch plan"):
        plan_succession(actor=None, old=begun, new=new, first_month=LAST, reason="x")
    withdraw_launch(actor=None, launch=plan, revision=1)
    follows = plan_succession(actor=None, old=begun, new=new, first_month=LAST, reason="x")
    with pytest.raises(Invalid, match="history counts as its own already"):
        plan_launch(actor=None, demand_unit=new, first_month=LAST, likes=[(begun, 1)], reason="x")
    later = change_succession(
        actor=None, succession=follows, revision=1, changes={"first_month": FIRST_AHEAD, "ramp": [10]}
    )
    assert (later.ramp, later.revision) == ([10], 2)
    withdraw_succession(actor=None, succession=follows, revision=2)
    assert steering_hash(LAST) == ""


# --- the same work, and who may ------------------------------------------------------------------


def test_sales_of_a_unit_that_is_only_named_are_part_of_the_work(launched: World) -> None:
    new, begun = unit(launched, "NEW"), unit(launched, "BEGUN")
    DemandUnit.objects.filter(pk=begun.pk).update(is_active=False)
    plan_launch(actor=None, demand_unit=new, first_month=FIRST_AHEAD, likes=[(begun, 1)], reason="x")
    said = steering_hash(LAST)
    launched.sell(begun, month(0), 3)

    assert steering_hash(LAST) != said


def steps(world: World, person: Person) -> list[Callable[[], object]]:
    new, begun = unit(world, "NEW"), unit(world, "BEGUN")
    return [
        lambda: plan_launch(actor=person, demand_unit=new, first_month=LAST, likes=[(begun, 1)], reason="x"),
        lambda: plan_succession(actor=person, old=begun, new=None, first_month=LAST, reason="x"),
        lambda: mark_month(actor=person, demand_unit=begun, month=LAST, said=MonthSaid.KEPT, reason="x"),
    ]


def test_only_who_may_steer_forecasts_does(launched: World, executive: Person, sales_manager: Person) -> None:
    for person in (executive, sales_manager):
        for step in steps(launched, person):
            with pytest.raises(Denied, match="may not say how demand units are forecast"):
                step()


def test_nobody_steers_outside_of_their_scope(launched: World, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=launched.north)

    for step in steps(launched, analyst):
        with pytest.raises(Denied, match="outside of your scope"):
            step()
    assert not cleaned_visible_to(analyst).filter(demand_unit__market=launched.tyrol).exists()
