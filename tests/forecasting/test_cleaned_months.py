"""Months of the past that a run replaces: kept, masked and taken back by people, masked by events."""

import datetime as dt

import pytest

from catalog.models import DemandUnit
from core.errors import Conflict, Invalid, Refused
from core.models import Event, Person
from forecasting.models import MonthSaid
from forecasting.pipeline.history import load_panel
from forecasting.pipeline.running import Alone, work_through
from forecasting.pipeline.steering import steering_hash
from forecasting.selectors.months import cleaned_visible_to, month_lines
from forecasting.services.masks import end_masks, mask_period
from forecasting.services.month_marks import mark_month
from forecasting.services.runs import start_run
from tests.forecasting.conftest import LAST, forecast, series
from tests.gathering.world import World, month


@pytest.fixture
def odd(sold: World) -> DemandUnit:
    """A unit whose June 2025 is twelve times what its neighbours and its month say."""
    found = sold.unit(sold.product("ODD"), sold.north)
    sold.history(found, 36, lambda i: 1200 if i == 29 else 100)
    return found


def test_a_cleaned_month_is_kept_by_a_person_and_left_to_the_forecast_again(
    odd: DemandUnit, analyst: Person
) -> None:
    first = series(forecast(), odd)
    assert [point[0] for point in first.cleaned] == ["2025-06-01"]

    mark_month(
        actor=analyst, demand_unit=odd, month=month(29), said=MonthSaid.KEPT, reason="The fair did happen"
    )
    kept = series(forecast(), odd)
    assert (kept.cleaned, kept.run_id) != (first.cleaned, first.run_id)
    assert kept.cleaned == []

    lines = month_lines(analyst, first)
    assert [(line.month, line.was, line.said) for line in lines] == [(month(29), 1200.0, MonthSaid.KEPT)]
    mark_month(actor=analyst, demand_unit=odd, month=month(29), said=MonthSaid.NOTHING)
    assert forecast().pk == first.run_id
    verbs = Event.objects.filter(actor=analyst).values_list("verb", flat=True)
    assert {"month kept", "month left to the forecast"} <= set(verbs)


def test_a_month_masked_by_hand_says_nothing(odd: DemandUnit, analyst: Person) -> None:
    mark_month(actor=analyst, demand_unit=odd, month=month(35), said=MonthSaid.MASKED, reason="Strike")

    cleaned = {point[0]: point for point in series(forecast(), odd).cleaned}

    assert cleaned["2025-12-01"][1:] == [100.0, 100.0, "An event is dated here."]


def test_the_dearest_cleaned_month_comes_with_its_money(odd: DemandUnit, analyst: Person) -> None:
    run = forecast()

    row = cleaned_visible_to(analyst).get(run=run, demand_unit=odd)

    assert (row.month, row.was, row.now, row.said) == (month(29), 1200.0, 100.0, MonthSaid.NOTHING)
    assert row.money == pytest.approx(1100 * 100)


def test_a_mark_needs_a_reason_and_a_month_of_the_history(odd: DemandUnit, analyst: Person) -> None:
    for when, reason, sentence in [
        (month(29), " ", "Say why"),
        (month(-1), "x", "Use a month from Jan 2023 to Dec 2025"),
        (month(36), "x", "Use a month from Jan 2023 to Dec 2025"),
    ]:
        with pytest.raises(Invalid, match=sentence):
            mark_month(actor=analyst, demand_unit=odd, month=when, said=MonthSaid.KEPT, reason=reason)


def test_an_old_mark_does_not_overwrite_a_newer_one(
    odd: DemandUnit, analyst: Person, colleague: Person
) -> None:
    def mark(who: Person, said: MonthSaid, revision: int | None) -> int:
        row = mark_month(
            actor=who, demand_unit=odd, month=month(29), said=said, reason="x", revision=revision
        )
        return row.revision

    assert mark(analyst, MonthSaid.KEPT, None) == 1
    assert mark(analyst, MonthSaid.KEPT, None) == 1
    assert mark(colleague, MonthSaid.MASKED, 1) == 2
    with pytest.raises(Conflict):
        mark(analyst, MonthSaid.NOTHING, 1)


def test_events_mask_their_product_below_their_market_and_no_more_once_they_are_over(sold: World) -> None:
    tyrol, north = sold.ridge_tyrol, sold.unit(sold.ridge, sold.north)
    units = [tyrol.pk, north.pk]
    assert load_panel(units, LAST).masked is None

    for _ in range(2):
        mask_period(
            source="event 1", title="Fair", product=sold.ridge, market=sold.alps,
            first=dt.date(2025, 3, 9), last=dt.date(2025, 4, 2),
        )  # fmt: skip

    masked = load_panel(units, LAST).masked
    assert masked is not None
    assert masked[:, 0].nonzero()[0].tolist() == [26, 27]
    assert not masked[:, 1].any()
    said = steering_hash(LAST)
    assert said != ""
    assert end_masks(sources=["event 1"]) == 1
    assert (load_panel(units, LAST).masked, steering_hash(LAST)) == (None, "")


def test_what_planners_say_makes_another_run_and_ends_one_on_its_way(odd: DemandUnit) -> None:
    run = start_run(actor=None, last_month=LAST, horizon=3)
    mark_month(actor=None, demand_unit=odd, month=month(29), said=MonthSaid.KEPT, reason="x")

    with pytest.raises(Refused, match=r"What planners say .* has changed since"):
        work_through(run, Alone(lambda sentence: None))
    assert forecast(3).pk != run.pk
