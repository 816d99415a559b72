"""Funnel and cohorts: every number against one counted by hand."""

import datetime as dt

import pytest

from crm.models import Account, Rep
from crm.selectors.pipeline_cohorts import cohorts
from crm.selectors.pipeline_deals import pipeline_deals
from crm.selectors.pipeline_funnel import Funnel, came_no_further, came_to, funnel
from crm.selectors.pipeline_groups import groupings
from tests.crm.pipeline_world import a_way_of_selling, day, team_of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_way_of_selling() -> None:
    a_way_of_selling()


# --- the funnel -------------------------------------------------------------------------------------


def of(by: str = "rep", since: int = 60, until: int = 0) -> tuple[Funnel, dict[str, Funnel]]:
    everything, groups = funnel(None, pipeline_deals(None), groupings()[by], day(since), day(until))
    return everything, {one.key: one for one in groups}


@pytest.fixture
def four_ways() -> None:
    """Won through every stage; lost after the offer; won straight away; still in the offer."""
    tell("won", 40, stage="prospect", amount=100, owner="INA")
    tell("won", 30, stage="offer")
    tell("won", 26, stage="contract")
    tell("won", 20, stage="won", closed=day(20))
    tell("lost", 40, stage="prospect", amount=50, owner="BEN")
    tell("lost", 34, stage="offer")
    tell("lost", 20, stage="lost")
    tell("quick", 10, stage="won", amount=70, owner="BEN", closed=day(10))
    tell("here", 10, stage="offer", amount=10, owner="BEN")
    tell("old", 200, stage="offer", amount=10, owner="BEN")


def test_the_funnel_counts_how_far_deals_came(four_ways: None) -> None:
    everything, _ = of()
    _, offer, contract = everything.passages

    assert (everything.created, everything.won, everything.lost, everything.open) == (4, 2, 1, 1)
    assert [one.reached for one in everything.passages] == [4, 4, 2]
    assert [one.passed for one in everything.passages] == [4, 2, 2]
    assert [one.here for one in everything.passages] == [0, 1, 0]
    assert [one.lost for one in everything.passages] == [0, 1, 0]
    assert (offer.conversion, contract.conversion) == (0.5, 1.0)
    assert everything.win_rate == 2 / 3


def test_a_deal_that_went_back_came_as_far_as_it_ever_was() -> None:
    tell("back", 40, stage="contract", amount=10)
    tell("back", 20, stage="prospect")

    everything, _ = of()

    assert [one.reached for one in everything.passages] == [1, 1, 1]
    assert [one.here for one in everything.passages] == [1, 0, 0]


def test_the_deals_lost_in_a_stage_are_those_that_came_no_further(four_ways: None) -> None:
    everything, _ = of()
    lost = pipeline_deals(None).filter(created__gte=day(60), stage__kind="lost")

    for one in everything.passages:
        assert came_no_further(lost, one.stage).count() == one.lost


def test_time_in_a_stage_is_the_median_of_finished_stays(four_ways: None) -> None:
    everything, groups = of()

    assert [one.median_days for one in everything.passages] == [8, 9, 6]  # of 10 and 6; of 4 and 14; of 6
    assert [one.median_days for one in groups["INA"].passages] == [10, 4, 6]
    assert [one.median_days for one in groups["BEN"].passages] == [6, 14, None]
    assert everything.median_days == 10  # of 20 and 0


def test_groups_add_up_to_all(four_ways: None) -> None:
    everything, groups = of()

    assert set(groups) == {"INA", "BEN"}
    assert sum(one.created for one in groups.values()) == everything.created
    assert sum(one.won_amount for one in groups.values()) == everything.won_amount == 170


def test_the_deals_that_came_to_a_stage_are_those_the_funnel_counts(four_ways: None) -> None:
    everything, _ = of()
    cohort = pipeline_deals(None).filter(created__gte=day(60))

    for one in everything.passages:
        assert came_to(cohort, one.stage).count() == one.reached


def test_deals_are_grouped_by_whom_and_what_they_belong_to() -> None:
    tell("a", 5, stage="offer", amount=10, account="ALDER", product="SAW", owner="INA")
    tell("b", 5, stage="offer", amount=10, account="BEECH")
    team_of("EAST", Rep.objects.get(code="INA"))

    keys = {by: {(one.key, one.name) for one in of(by)[1].values()} for by in groupings()}

    assert keys == {
        "team": {("EAST", "East"), ("", "")},
        "rep": {("INA", "Ina"), ("", "")},
        "product": {("SAW", "Saw"), ("", "")},
        "family": {("TOOLS", "Tools"), ("", "")},
        "industry": {("Timber", "Timber"), ("Paper", "Paper")},
        "size": {("small", "Small, 10 to 49"), ("large", "Large, 250 and more")},
        "market": {("NORTH", "North"), ("", "")},
    }


def test_a_deal_counts_for_the_team_its_rep_was_in_when_it_closed() -> None:
    rep = Rep.objects.get(code="INA")
    team_of("OLD", rep, since=400, until=15)
    team_of("NEW", rep, since=15)
    tell("then", 30, stage="won", amount=10, owner="INA", closed=day(30))
    tell("now", 30, stage="offer", amount=10, owner="INA")

    _, groups = of("team")

    assert (groups["OLD"].won, groups["NEW"].created) == (1, 1)


def test_accounts_without_an_industry_are_one_group() -> None:
    Account.objects.create(code="BLANK", name="Blank")
    tell("a", 5, stage="offer", account="BLANK")
    tell("b", 5, stage="offer")

    assert of("industry")[1][""].created == 2


# --- cohorts ----------------------------------------------------------------------------------------


def test_a_cohort_tells_how_many_were_won_until_when() -> None:
    first = dt.date(2026, 1, 1)
    for name, closed in (("at once", "2026-01-20"), ("after two months", "2026-03-02")):
        tell(name, 0, stage="won", amount=10, created="2026-01-05", closed=closed)
    tell("lost", 0, stage="lost", amount=10, created="2026-01-07")
    tell("open", 0, stage="offer", amount=10, created="2026-01-31")
    tell("another month", 0, stage="won", amount=10, created="2026-02-01", closed="2026-02-01")

    january, february, march, april = cohorts(pipeline_deals(None), first, dt.date(2026, 4, 1))

    assert (january.created, january.won, january.lost, january.open) == (4, 2, 1, 1)
    assert january.won_by == [1, 1, 2, 2]
    assert [january.share_by(age) for age in range(5)] == [0.25, 0.25, 0.5, 0.5, None]
    assert (february.won_by, march.created, april.won_by) == ([1, 1, 1], 0, [0])
    assert january.won_amount_by == [10, 10, 20, 20]
