"""The engine of the forecast from deals: what it may know, what chances are, and how they are tested."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.engine.deals import Book, Deal, DealSettings, Method
from forecasting.engine.deals.backtest import backtest
from forecasting.engine.deals.forecast import forecast_deals
from forecasting.engine.deals.money import revenue
from forecasting.engine.deals.plain import by_age, by_stage
from forecasting.engine.deals.scores import scores
from forecasting.engine.deals.snapshots import month_after, rows_now
from forecasting.engine.deals.worth import Basis, worth
from tests.forecasting.deal_world import LAST, made_up

FEW = DealSettings(draws=200)
DAY = dt.date(2025, 3, 31)


def test_the_age_rule_says_a_quarter_after_one_of_four_months_and_never_more_than_its_cap() -> None:
    begun = dt.date(2025, 1, 1)
    past = [
        Deal(f"W{n}", begun, begun + dt.timedelta(days=120), is_won=True, won_value=1.0) for n in range(3)
    ]
    day = dt.date(2025, 8, 1)
    young = Deal("Y", day - dt.timedelta(days=30))
    old = Deal("Z", day - dt.timedelta(days=400))
    book = Book.of([*past, young, old]).at(day.toordinal())

    told = by_age(book, rows_now(book, day), 0.95)

    assert told.tolist() == [0.25, 0.95]


def test_a_stage_weighs_the_share_won_of_the_decided_deals_that_had_been_in_it() -> None:
    begun, closed, day = dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)
    talk, offer = ((begun, "Talk"),), ((begun, "Talk"), (begun + dt.timedelta(days=9), "Offer"))
    past = [
        Deal("1", begun, closed, is_won=True, stages=offer),
        Deal("2", begun, closed, is_won=False, stages=talk),
        Deal("3", begun, closed, is_won=False, stages=talk),
        Deal("4", begun, closed, is_won=True, stages=offer),
    ]
    now = [Deal("5", begun, stages=talk), Deal("6", begun, stages=offer)]
    book = Book.of([*past, *now]).at(day.toordinal())

    assert by_stage(book, rows_now(book, day)).tolist() == [0.5, 1.0]


def test_nothing_after_the_day_changes_anything() -> None:
    """Whatever happens later to deals, told or new, what is said of the day stays the same."""
    deals = made_up()
    late = [deal for deal in deals if deal.closed and deal.closed > DAY]
    assert len(late) > 50
    other = {
        deal.id: replace(
            deal,
            closed=deal.closed + dt.timedelta(days=200) if deal.closed else None,
            is_won=not deal.is_won,
            won_value=9e9,
            stages=(*deal.stages, (DAY + dt.timedelta(days=3), "Offer 2")),
            amounts=(*deal.amounts, (DAY + dt.timedelta(days=1), 7e7)),
        )
        for deal in late
    }
    changed = [other.get(deal.id, deal) for deal in deals]
    new = [Deal("new", DAY + dt.timedelta(days=2), owner="A", amounts=((None, 5.0),))]

    before = forecast_deals(deals, DAY, FEW)
    after = forecast_deals([*changed, *new], DAY, FEW)

    assert [one.deal for one in before.deals] == [one.deal for one in after.deals]
    for name in ("chance", "worth", "age"):
        told, then = ([getattr(one, name) for one in made.deals] for made in (before, after))
        assert told == pytest.approx(then, rel=1e-9)
    for method, figures in before.backtest.scores.items():
        assert figures.brier == pytest.approx(after.backtest.scores[method].brier, rel=1e-9)
        assert figures.realised == after.backtest.scores[method].realised


def test_a_back_test_knows_only_what_was_known_on_its_day() -> None:
    """The chances of a cut are those of a forecast made on that day."""
    deals = made_up()
    book = Book.of(deals).at(LAST.toordinal())

    tested = backtest(book, LAST, FEW)

    cut = tested.cuts[-1]
    then = forecast_deals(deals, cut.day, FEW, Method.BLEND)
    assert cut.day == month_after(LAST, -3)
    assert [one.chance for one in then.deals] == pytest.approx(cut.told[Method.BLEND].tolist())


def test_the_blend_finds_who_wins_and_beats_stage_weights_and_age_rule() -> None:
    told = forecast_deals(made_up(1500), LAST, FEW)

    owners = {deal.id: deal.owner for deal in made_up(1500)}
    chances = {owner: [one.chance for one in told.deals if owners[one.deal] == owner] for owner in "AB"}
    figures = told.backtest.scores
    assert told.method == told.backtest.winner == Method.BLEND
    assert np.mean(chances["A"]) > 1.5 * np.mean(chances["B"])
    for rule in (Method.STAGE, Method.AGE):
        assert figures[Method.BLEND].brier < figures[rule].brier
    assert abs(figures[Method.BLEND].money_bias or 1) < 0.1
    assert figures[Method.BLEND].calibration < 0.05


def test_the_order_of_the_deals_means_nothing() -> None:
    deals = made_up(400)

    assert forecast_deals(deals, DAY, FEW).deals == forecast_deals(deals[::-1], DAY, FEW).deals


def test_the_crm_s_own_date_draws_the_expected_month_as_far_as_it_was_right_before() -> None:
    """Past deals all closed in the month their CRM said: its date is believed."""
    deals = [
        replace(deal, expected=((deal.created, deal.closed or dt.date(2025, 9, 10)),)) for deal in made_up()
    ]

    told = forecast_deals(deals, LAST, FEW)

    assert {one.expected for one in told.deals} == {dt.date(2025, 9, 1)}
    assert min(one.months[2] / one.chance for one in told.deals) > 0.9


def test_a_deal_without_an_amount_takes_its_list_price_then_what_its_product_brought() -> None:
    begun, day = dt.date(2025, 1, 1), dt.date(2025, 3, 1)
    won = [
        Deal("w1", begun, day, is_won=True, won_value=100.0, product="P"),
        Deal("w2", begun, day, is_won=True, won_value=300.0, product="Q"),
    ]
    now = [
        Deal("a", begun, amounts=((begun, 7.0),), list_price=9.0, product="P"),
        Deal("b", begun, list_price=9.0, product="P"),
        Deal("c", begun, product="P"),
        Deal("d", begun, product="new"),
    ]
    told = forecast_deals([*won, *now], day, FEW)

    assert [(one.worth, one.basis) for one in told.deals] == [
        (7.0, Basis.AMOUNT),
        (9.0, Basis.LIST_PRICE),
        (100.0, Basis.PRODUCT_MEAN),
        (200.0, Basis.MEAN),
    ]
    assert "list price" in told.deals[1].why


def test_what_a_deal_will_bring_is_not_known_before_it_closes() -> None:
    begun, day = dt.date(2025, 1, 1), dt.date(2025, 3, 1)
    later = Deal("x", begun, dt.date(2025, 4, 1), is_won=True, won_value=500.0, product="P")
    book = Book.of([later]).at(day.toordinal())

    value, _ = worth(book, np.array([0]), day.toordinal())

    assert value.tolist() == [0.0]


def test_the_variance_of_a_month_is_the_sum_of_a2_p_1_minus_p() -> None:
    told = revenue(np.array([100.0, 10.0]), np.array([[0.5, 0.2], [0.1, 0.0]]), (80, 95), 20_000, 1)

    assert told.mean.tolist() == [51.0, 20.0]
    assert told.variance.tolist() == pytest.approx([2500 + 9, 1600])
    assert (told.lower[80][0], told.upper[80][0]) == (0.0, 100.0)
    assert told.total == 71.0


def test_the_simulated_interval_holds_what_it_says() -> None:
    random = np.random.default_rng(3)
    value, chance = random.uniform(1, 50, 300), random.uniform(0, 0.3, (300, 3))
    told = revenue(value, chance, (80,), 4000, 1)
    drawn = (random.random((4000, 300)) < chance[:, 0]) @ value

    inside = np.mean((drawn >= told.lower[80][0]) & (drawn <= told.upper[80][0]))
    assert inside == pytest.approx(0.8, abs=0.03)


def test_scores_by_hand() -> None:
    told, won = np.array([0.9, 0.1, 0.5]), np.array([1.0, 0.0, 0.0])

    found = scores(told, won, np.array([100.0, 100, 100]), np.array([120.0, 0, 0]))

    assert found.brier == pytest.approx((0.01 + 0.01 + 0.25) / 3)
    assert found.log_loss == pytest.approx(-(2 * np.log(0.9) + np.log(0.5)) / 3)
    assert found.calibration == pytest.approx((0.1 + 0.1 + 0.5) / 3)
    assert found.money_bias == pytest.approx(150 / 120 - 1)


def test_a_month_s_last_day_stays_a_last_day() -> None:
    assert month_after(dt.date(2025, 2, 28), -1) == dt.date(2025, 1, 31)
    assert month_after(dt.date(2025, 1, 31), 1) == dt.date(2025, 2, 28)
    assert month_after(dt.date(2025, 1, 30), 1) == dt.date(2025, 2, 28)


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2025, 12, 31))


@st.composite
def any_deal(draw: st.DrawFn) -> Deal:
    return Deal(
        id=draw(st.uuids()).hex,
        created=draw(st.none() | DAYS),
        closed=draw(st.none() | DAYS),
        is_won=draw(st.booleans()),
        stages=tuple(
            (draw(st.none() | DAYS), draw(st.sampled_from("XYZ"))) for _ in range(draw(st.integers(0, 2)))
        ),
        amounts=tuple((draw(DAYS), draw(st.floats(0, 1e15))) for _ in range(draw(st.integers(0, 2)))),
        expected=tuple((draw(DAYS), draw(DAYS)) for _ in range(draw(st.integers(0, 1)))),
        won_value=draw(st.none() | st.floats(0, 1e15)),
        owner=draw(st.sampled_from(["", "A", "B"])),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(any_deal(), max_size=40, unique_by=lambda deal: deal.id), DAYS)
def test_whatever_the_deals_chances_are_shares_and_money_is_finite(deals: list[Deal], day: dt.date) -> None:
    told = forecast_deals(deals, day, DealSettings(draws=20, fewest=2, fewest_months=1))

    for one in told.deals:
        assert all(0 <= share <= 1 for share in one.by_method.values())
        assert sum(one.months) == pytest.approx(one.chance)
        assert one.expected in told.months
    assert np.isfinite(told.revenue.mean).all()
    assert (told.revenue.mean >= 0).all()
    assert (told.revenue.lower[95] <= told.revenue.upper[95]).all()


def test_the_horizon_must_be_possible() -> None:
    with pytest.raises(ValueError, match="use 1 to 36"):
        DealSettings(horizon=0)
    with pytest.raises(ValueError, match="cap"):
        DealSettings(cap=1.5)
