"""The bridge between two dates adds up to the cent, whatever happened to the deals."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm.engine.pipeline import Bridge, Flow, Part, Place, Step, bridge, coming, going, pairs_of

MONEY = st.decimals(min_value=0, max_value=10**12, places=4)


def flow_of(before: Place, after: Place, was: Decimal, became: Decimal) -> Flow:
    """One deal."""
    up, down = max(became - was, Decimal(0)), max(was - became, Decimal(0))
    return Flow(before, after, 1, was, became, up, down, int(up > 0), int(down > 0))


def summed(flows: list[Flow]) -> list[Flow]:
    """As the database groups them: one flow for each pair of places."""
    found: dict[tuple[Place, Place], Flow] = {}
    for one in flows:
        key = (one.before, one.after)
        known = found.get(key, Flow(*key, 0, *[Decimal(0)] * 4))
        found[key] = Flow(
            *key,
            known.deals + one.deals,
            known.amount_before + one.amount_before,
            known.amount_after + one.amount_after,
            known.raised + one.raised,
            known.lowered + one.lowered,
            known.deals_raised + one.deals_raised,
            known.deals_lowered + one.deals_lowered,
        )
    return list(found.values())


FLOWS = st.lists(st.builds(flow_of, st.sampled_from(Place), st.sampled_from(Place), MONEY, MONEY))


@given(FLOWS)
def test_start_and_steps_make_the_end_exactly(flows: list[Flow]) -> None:
    flows = [one for one in flows if one.after not in (Place.ABSENT, Place.UNKNOWN)]  # no deal is uncreated
    found = bridge(flows)

    assert found.start.amount + sum(part.amount for part in found.steps.values()) == found.end.amount


@given(FLOWS)
def test_deals_grouped_by_the_database_give_the_same_bridge(flows: list[Flow]) -> None:
    assert bridge(summed(flows)) == bridge(flows)


@given(FLOWS)
def test_who_comes_and_goes_explains_how_many_deals_there_are(flows: list[Flow]) -> None:
    flows = [one for one in flows if one.after not in (Place.ABSENT, Place.UNKNOWN)]
    found = bridge(flows)
    comes = sum(found.steps[step].deals for step in (Step.CREATED, Step.FOUND, Step.MOVED_IN, Step.REOPENED))
    goes = sum(found.steps[step].deals for step in (Step.WON, Step.LOST, Step.MOVED_OUT, Step.REMOVED))

    assert found.start.deals + comes - goes == found.end.deals


def of(before: Place, after: Place, was: int, became: int) -> dict[Step, Part]:
    found: Bridge = bridge([flow_of(before, after, Decimal(was), Decimal(became))])
    return {step: part for step, part in found.steps.items() if part != Part()}


def test_a_deal_that_grew_and_was_won_is_raised_first() -> None:
    assert of(Place.OPEN, Place.WON, 100, 120) == {
        Step.RAISED: Part(1, Decimal(20)),
        Step.WON: Part(1, Decimal(-120)),
    }


def test_a_deal_created_and_lost_in_between_came_and_went() -> None:
    assert of(Place.ABSENT, Place.LOST, 0, 70) == {
        Step.CREATED: Part(1, Decimal(70)),
        Step.LOST: Part(1, Decimal(-70)),
    }


def test_a_deal_pushed_out_of_the_quarter_moves_out() -> None:
    assert of(Place.OPEN, Place.OUTSIDE, 50, 50) == {Step.MOVED_OUT: Part(1, Decimal(-50))}


def test_a_deal_that_never_was_in_the_pipeline_changes_nothing() -> None:
    assert of(Place.OUTSIDE, Place.REMOVED, 50, 60) == {}
    assert of(Place.WON, Place.WON, 50, 60) == {}


def test_a_lost_deal_that_is_won_after_all_was_reopened() -> None:
    assert (coming(Place.LOST, Place.WON), going(Place.LOST, Place.WON)) == (Step.REOPENED, Step.WON)


def test_a_removed_deal_leaves_with_what_it_was_worth() -> None:
    assert of(Place.OPEN, Place.REMOVED, 50, 0) == {Step.REMOVED: Part(1, Decimal(-50))}


def test_the_pairs_behind_a_step_are_those_that_make_it() -> None:
    assert (Place.OPEN, Place.WON) in pairs_of(Step.WON)
    assert (Place.WON, Place.WON) not in pairs_of(Step.WON)
    assert pairs_of(Step.MOVED_OUT) == {(Place.OPEN, Place.OUTSIDE)}
