"""A deal's direct credit is shared by hand as a whole list that adds up to 100 %."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from compensation.models import Credit, DealSplit
from compensation.pipeline.crediting import make_credits
from compensation.selectors.splits import closed_run_of, mark_of, splits_of
from compensation.services.splits import Share, set_splits
from core.errors import Conflict, Denied, Invalid
from core.models import Event, Person
from crm.models import Deal, Rep
from tests.compensation.company import deal, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
MAY = dt.date(2026, 5, 12)


def share(actor: Person | None, of: Deal, **percents: str) -> list[DealSplit]:

    shares = [Share(Rep.objects.get(code=code), Decimal(percent)) for code, percent in percents.items()]
    return set_splits(actor=actor, deal=of, shares=shares, seen=mark_of(splits_of(of)), reason="Won together")


@pytest.fixture
def won() -> Deal:
    for code in ("bob", "cid"):
        rep_on(None, code)
    return deal(rep_on(None, "ann"), 300, MAY)


def test_a_split_is_credited_to_those_in_the_list(analyst: Person, won: Deal) -> None:
    share(analyst, won, ann="33.333333", bob="33.333333", cid="33.333334")
    make_credits()
    rows = Credit.objects.filter(is_gone=False).order_by("rep__code")
    assert [row.amount for row in rows] == [Decimal("100.0000")] * 3
    assert {row.kind for row in rows} == {"split"}


def test_another_list_takes_the_place_of_the_first(analyst: Person, won: Deal) -> None:
    share(analyst, won, ann="60", bob="40")
    rows = share(analyst, won, ann="70", cid="30")
    assert [(row.rep.code, row.percent) for row in rows] == [("ann", 70), ("cid", 30)]
    assert share(analyst, won) == []
    make_credits()
    assert [row.kind for row in Credit.objects.filter(is_gone=False)] == ["direct"]


@pytest.mark.parametrize(
    ("percents", "said"),
    [
        ({"ann": "60", "bob": "30"}, "10 % is left"),
        ({"ann": "60", "bob": "50"}, "10 % too much"),
        ({"ann": "99.999999"}, "0.000001 % is left"),
        ({"ann": "100", "bob": "0"}, "above 0 %"),
    ],
)
def test_shares_that_are_not_100_percent_are_refused(
    analyst: Person, won: Deal, percents: dict[str, str], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        share(analyst, won, **percents)
    assert not DealSplit.objects.exists()


def test_a_rep_stands_in_the_list_once(analyst: Person, won: Deal) -> None:
    assert won.rep is not None
    twice = [Share(won.rep, Decimal(50)), Share(won.rep, Decimal(50))]
    with pytest.raises(Invalid, match="twice"):
        set_splits(actor=analyst, deal=won, shares=twice, seen=mark_of([]), reason="x")


def test_a_split_needs_a_reason(analyst: Person, won: Deal) -> None:
    assert won.rep is not None
    with pytest.raises(Invalid, match="why"):
        set_splits(
            actor=analyst, deal=won, shares=[Share(won.rep, Decimal(100))], seen=mark_of([]), reason=" "
        )


def test_a_list_that_somebody_changed_meanwhile_is_not_overwritten(analyst: Person, won: Deal) -> None:
    seen = mark_of(splits_of(won))
    share(analyst, won, ann="60", bob="40")
    assert won.rep is not None
    with pytest.raises(Conflict) as conflict:
        set_splits(actor=analyst, deal=won, shares=[Share(won.rep, Decimal(100))], seen=seen, reason="x")
    assert (conflict.value.yours["Ann"], conflict.value.theirs["Ann"]) == ("100 %", "60 %")


def test_reps_do_not_split_deals(sales_rep: Person, won: Deal) -> None:
    with pytest.raises(Denied):
        share(sales_rep, won, ann="100")


def test_every_share_given_changed_and_taken_is_an_event(analyst: Person, won: Deal) -> None:
    share(analyst, won, ann="60", bob="40")
    share(analyst, won, ann="70", cid="30")
    verbs = list(Event.objects.filter(subject_type="compensation.dealsplit").values_list("verb", flat=True))
    assert sorted(verbs) == ["share changed", *["share given"] * 3, "share taken away"]


def test_the_database_refuses_shares_that_do_not_add_up(won: Deal) -> None:

    with pytest.raises(IntegrityError, match="add up to 100"):
        DealSplit.objects.create(deal=won, rep=won.rep, percent=60)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_deal_of_a_closed_month_may_still_be_split_and_the_month_is_named(
    analyst: Person, won: Deal
) -> None:
    assert closed_run_of(won) is None
    run = run_of(dt.date(2026, 5, 1), {}, plan_of(), "locked")
    assert closed_run_of(won) == run
    share(analyst, won, ann="60", bob="40")
