"""Coverage, board and signs: every number against one counted by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from core.models import Person
from core.services.company import change_setting
from crm.models import Deal, Rep
from crm.selectors import quotas as slot
from crm.selectors.pipeline_board import CARDS, board
from crm.selectors.pipeline_coverage import Line, coverage
from crm.selectors.pipeline_deals import pipeline_deals
from crm.selectors.pipeline_funnel import funnel
from crm.selectors.pipeline_groups import groupings
from crm.selectors.pipeline_signs import ANY, counted, marked, signs_of, with_sign
from crm.selectors.quotas import Quota
from tests.crm.pipeline_world import a_way_of_selling, day, deal, team_of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_way_of_selling() -> None:
    a_way_of_selling()


def all_deals() -> list[Deal]:
    return list(pipeline_deals(None))


# --- the deals themselves ---------------------------------------------------------------------------


def test_the_deals_own_chance_and_category_come_before_those_of_its_stage() -> None:
    tell("usual", 5, stage="offer", amount=1000)
    tell("own", 5, stage="offer", amount=1000, probability="0.9", category="commit")
    tell("won", 5, stage="won", amount=1000, probability="0.2")
    found = {one.external_id: one for one in pipeline_deals(None)}

    assert {name: (one.chance, one.weighted, one.category_now) for name, one in found.items()} == {
        "usual": (Decimal("0.4"), 400, "best_case"),
        "own": (Decimal("0.9"), 900, "commit"),
        "won": (1, 1000, "closed"),
    }


# --- signs ------------------------------------------------------------------------------------------


def signs(external_id: str) -> set[str]:
    return {sign.key for sign in signs_of(marked(pipeline_deals(None)).get(external_id=external_id))}


def healthy(external_id: str, ago: float = 5, **given: object) -> None:
    """A deal that shows no sign, but for what is given."""
    usual = {"stage": "offer", "amount": 100, "owner": "INA", "expected_close": day(-60), "next_step": "Call"}
    tell(external_id, ago, **{**usual, **given})


@pytest.mark.parametrize(
    ("given", "sign"),
    [
        ({}, None),
        ({"expected_close": day(1)}, "overdue"),
        ({"expected_close": day(-5)}, "unlikely"),
        ({"expected_close": day(-5), "stage": "contract"}, None),
        ({"expected_close": day(-5), "stage": "contract", "next_step": ""}, "no_next_step"),
        ({"amount": ""}, "no_amount"),
        ({"amount": 0}, "no_amount"),
        ({"expected_close": ""}, "no_date"),
        ({"owner": ""}, "no_owner"),
    ],
)
def test_a_deal_shows_just_the_sign_of_what_ails_it(given: dict[str, object], sign: str | None) -> None:
    healthy("a", **given)

    assert signs("a") == ({sign} if sign else set())
    assert with_sign(pipeline_deals(None), ANY).exists() is bool(sign)


def test_a_deal_stalls_after_the_days_of_the_company_settings(vp: Person) -> None:
    healthy("a", ago=20)
    assert signs("a") == set()

    change_setting(actor=vp, key="stalled_days", value="10")

    assert signs("a") == {"stalled"}


def test_a_deal_slips_when_its_close_date_moved_out_again_and_again() -> None:
    healthy("a")
    tell("a", 4, expected_close=day(-70))
    assert signs("a") == set()

    tell("a", 3, expected_close=day(-80))

    assert signs("a") == {"pushed"}


def test_deals_that_are_won_show_no_sign() -> None:
    healthy("a", expected_close=day(1))
    tell("a", 1, stage="won")

    assert signs("a") == set()
    assert not with_sign(pipeline_deals(None), ANY).exists()


def test_signs_are_counted_by_group_with_their_money() -> None:
    healthy("late and pushed", expected_close=day(3), amount=70)
    healthy("late", expected_close=day(3), amount=30)
    healthy("fine")

    found = {one.group: (one.deals, one.amount) for one in counted(pipeline_deals(None)).groups}

    assert found == {"slipping": (2, 100), "stalled": (0, 0), "at_risk": (0, 0), "incomplete": (0, 0)}


def test_a_sign_that_there_is_not_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError, match="no sign"):
        with_sign(pipeline_deals(None), "tired")


# --- the board --------------------------------------------------------------------------------------


def test_the_board_sums_every_deal_and_shows_the_first_of_each_stage() -> None:
    for number in range(CARDS + 3):
        tell(f"d{number:02}", 5, stage="offer", amount=100 + number)
    tell("else", 5, stage="contract", amount=50)
    tell("over", 5, stage="won", amount=1_000_000)

    prospect, offer, contract = board(None, pipeline_deals(None))

    assert (prospect.deals, prospect.cards, prospect.amount) == (0, [], 0)
    assert (offer.deals, offer.more, len(offer.cards)) == (CARDS + 3, 3, CARDS)
    assert offer.amount == sum(100 + number for number in range(CARDS + 3))
    assert offer.weighted == offer.amount * Decimal("0.4")
    assert [card.external_id for card in offer.cards[:2]] == ["d14", "d13"]
    assert [card.external_id for card in contract.cards] == ["else"]


def test_the_board_puts_first_what_closes_first() -> None:
    tell("later", 5, stage="offer", amount=900, expected_close=day(-9))
    tell("soon", 5, stage="offer", amount=1, expected_close=day(-2))
    tell("never", 5, stage="offer", amount=999)

    cards = board(None, pipeline_deals(None), "close")[1].cards

    assert [card.external_id for card in cards] == ["soon", "later", "never"]


# --- coverage ---------------------------------------------------------------------------------------


@pytest.fixture
def a_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 a month for Ina; nothing for Ben."""

    def told(user: Person | None, first: dt.date, last: dt.date) -> list[Quota]:
        return [
            Quota(Rep.objects.get(code="INA").pk, None, first, Decimal(1000)),
            Quota(None, 7, first, Decimal(5)),
        ]

    monkeypatch.setattr(slot, "providers", [told])


def this_month() -> tuple[dt.date, dt.date]:
    first = timezone.localdate().replace(day=1)
    return first, (first + dt.timedelta(days=40)).replace(day=1) - dt.timedelta(days=1)


def covered() -> dict[str, Line]:
    found = coverage(None, pipeline_deals(None), *this_month())
    return {"": found.total, **{line.key: line for line in found.reps if line.key}}


def test_coverage_is_what_is_open_over_what_is_missing(a_quota: None) -> None:
    last = this_month()[1]
    tell("won", 0, stage="won", amount=400, owner="INA", closed=timezone.localdate())
    tell("sure", 0, stage="contract", amount=500, owner="INA", expected_close=last)
    tell("maybe", 0, stage="offer", amount=700, owner="INA", expected_close=last)
    tell("out", 0, stage="offer", amount=900, owner="INA", expected_close=last, category="omitted")
    tell("later", 0, stage="offer", amount=999, owner="INA", expected_close=last + dt.timedelta(days=1))

    line = covered()["INA"]

    assert (line.quota, line.won, line.gap) == (1000, 400, 600)
    assert (line.commit, line.best_case, line.pipeline, line.omitted) == (500, 700, 0, 900)
    assert (line.open, line.coverage) == (1200, 2)
    assert line.weighted == 500 * Decimal("0.8") + 700 * Decimal("0.4")
    assert line.expected == 400 + 680


def test_a_met_quota_needs_no_coverage(a_quota: None) -> None:
    tell("won", 0, stage="won", amount=1200, owner="INA", closed=timezone.localdate())

    line = covered()["INA"]

    assert (line.gap, line.coverage, line.attained) == (-200, None, Decimal("1.2"))


def test_a_rep_without_a_quota_is_told_so_and_all_still_add_up(a_quota: None) -> None:
    tell("won", 0, stage="won", amount=300, owner="BEN", closed=timezone.localdate())
    tell("nobody's", 0, stage="won", amount=11, closed=timezone.localdate())

    found = coverage(None, pipeline_deals(None), *this_month())
    lines = {line.key: line for line in found.reps}

    assert (lines["BEN"].quota, lines["BEN"].gap) == (None, None)
    assert sum(line.won for line in found.reps) == found.total.won == 311
    assert (found.total.quota, found.quotas_of_markets) == (1000, 5)


def test_open_deals_that_should_have_closed_before_are_told_apart(a_quota: None) -> None:
    first, _ = this_month()
    tell("late", 90, stage="offer", amount=60, owner="INA", expected_close=first - dt.timedelta(days=1))

    found = coverage(None, pipeline_deals(None), *this_month())

    assert (found.overdue, found.overdue_amount, found.total.open) == (1, 60, 0)


def test_coverage_by_team_and_by_month_is_the_same_money(a_quota: None) -> None:
    team_of("EAST", Rep.objects.get(code="INA"))
    tell("won", 0, stage="won", amount=300, owner="INA", closed=timezone.localdate())
    tell("open", 0, stage="offer", amount=100, owner="BEN", expected_close=this_month()[1])

    found = coverage(None, pipeline_deals(None), *this_month())

    assert {line.key: (line.won, line.open) for line in found.teams} == {"EAST": (300, 0), "": (0, 100)}
    assert [(line.won, line.open) for _, line in found.months] == [(300, 100)]


def test_a_quota_that_nobody_keeps_is_no_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "providers", [])
    tell("won", 0, stage="won", amount=300, owner="INA", closed=timezone.localdate())

    assert (covered()[""].quota, covered()[""].won) == (None, 300)


def test_the_room_that_keeps_quotas_last_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = this_month()
    old, new = Quota(1, None, first, Decimal(1)), Quota(1, None, first, Decimal(2))
    monkeypatch.setattr(slot, "providers", [lambda *_: [old], lambda *_: [new], lambda *_: []])

    assert slot.quotas(None, first, last) == [new]


def test_a_rep_sees_the_own_deals_and_numbers_alone(sales_rep: Person) -> None:
    Rep.objects.filter(code="INA").update(person=sales_rep)
    tell("mine", 5, stage="offer", amount=10, owner="INA")
    tell("theirs", 5, stage="offer", amount=99, owner="BEN")
    deals = pipeline_deals(sales_rep)

    assert [one.external_id for one in deals] == ["mine"]
    assert sum(column.amount for column in board(sales_rep, deals)) == 10
    assert funnel(sales_rep, deals, groupings()["rep"], day(60), day(0))[0].created == 1


def test_deleted_and_merged_deals_are_in_no_pipeline() -> None:
    tell("a", 5, stage="offer", amount=10)
    tell("b", 5, stage="offer", amount=10)
    tell("a", 1, into="b")

    assert [one.external_id for one in all_deals()] == ["b"]
    assert deal("a").merged_into == deal("b")
