"""A won deal that came to nothing: what was credited is taken back on that day, 100 % at the most."""

import datetime as dt
from decimal import Decimal

import pytest

from compensation.models import Cancellation, Credit
from compensation.pipeline.crediting import make_credits
from compensation.selectors.cancellations import cancellations_visible_to
from compensation.services.cancellations import (
    add_cancellation,
    change_cancellation,
    import_cancellations,
    remove_cancellation,
)
from core.errors import Conflict, Denied, Invalid
from core.models import Person
from crm.models import Deal
from tests.compensation.company import deal, rep_on

pytestmark = pytest.mark.django_db
MAY, JUNE = dt.date(2026, 5, 12), dt.date(2026, 6, 2)


@pytest.fixture
def won() -> Deal:
    return deal(rep_on(None, "ann"), 300, MAY)


def cancel(actor: Person | None, of: Deal, percent: str = "100", day: dt.date = JUNE) -> Cancellation:
    return add_cancellation(
        actor=actor, deal=of, kind="cancelled", day=day, percent=Decimal(percent), reason="They went"
    )


def test_a_cancellation_takes_its_part_of_the_credit_back_on_its_day(analyst: Person, won: Deal) -> None:
    entry = cancel(analyst, won, "40")
    make_credits()
    earned, back = Credit.objects.order_by("day")
    assert (back.day, back.amount, back.reverses, back.cancellation) == (JUNE, -120, earned, entry)
    assert cancellations_visible_to(analyst).get().taken == -120


def test_several_cancellations_take_100_percent_at_the_most(analyst: Person, won: Deal) -> None:
    cancel(analyst, won, "60")
    with pytest.raises(Invalid, match="40 % is left"):
        cancel(analyst, won, "40.000001", JUNE + dt.timedelta(1))
    other = cancel(analyst, won, "40", JUNE + dt.timedelta(1))
    with pytest.raises(Invalid, match="60 % of"):
        change_cancellation(actor=analyst, row=other, revision=1, changes={"percent": Decimal(41)})


def test_only_won_deals_are_cancelled_and_not_before_their_day(analyst: Person, won: Deal) -> None:
    assert won.rep is not None
    with pytest.raises(Invalid, match="is not won"):
        cancel(analyst, deal(won.rep, 5, None))
    with pytest.raises(Invalid, match="was won on 12 May 2026"):
        cancel(analyst, won, day=MAY - dt.timedelta(1))
    cancel(analyst, won, day=MAY)


def test_a_cancellation_that_is_taken_away_gives_the_credit_again(analyst: Person, won: Deal) -> None:
    entry = cancel(analyst, won)
    make_credits()
    with pytest.raises(Invalid, match="why"):
        remove_cancellation(actor=analyst, row=entry, revision=1, reason="")
    remove_cancellation(actor=analyst, row=entry, revision=1, reason="They stay")
    run = make_credits()
    assert run.gone == 1
    assert [row.amount for row in Credit.objects.filter(is_gone=False)] == [300]


def test_a_stale_change_is_refused(analyst: Person, won: Deal) -> None:
    entry = cancel(analyst, won, "50")
    change_cancellation(actor=analyst, row=entry, revision=1, changes={"percent": Decimal(60)})
    with pytest.raises(Conflict):
        change_cancellation(actor=analyst, row=entry, revision=1, changes={"percent": Decimal(70)})


def test_reps_enter_no_cancellations_and_see_only_those_of_their_deals(
    sales_rep: Person, analyst: Person, won: Deal
) -> None:
    with pytest.raises(Denied):
        cancel(sales_rep, won)
    cancel(analyst, won)
    mine = deal(rep_on(None, "rita", person=sales_rep), 100, MAY)
    entry = cancel(analyst, mine)
    make_credits()
    assert list(cancellations_visible_to(sales_rep)) == [entry]
    assert cancellations_visible_to(analyst).count() == 2


def test_a_file_is_stored_whole_and_a_second_time_changes_nothing(analyst: Person, won: Deal) -> None:
    data = f"deal,day,percent,kind,reason\n{won.external_id},2026-06-02,50,returned,Broken\n".encode()
    assert import_cancellations(actor=analyst, name="c.csv", data=data).added == 1
    again = import_cancellations(actor=analyst, name="c.csv", data=data)
    assert (again.added, again.unchanged) == (0, 1)
    assert Cancellation.objects.get().kind == "returned"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nope,2026-06-02,50,returned,x", "line 3: there is no deal nope"),
        ("{deal},2nd of June,50,returned,x", "line 3: day is"),
        ("{deal},2026-06-02,150,returned,x", "line 3: percent is"),
        ("{deal},2026-06-02,50,lost,x", "line 3: kind is"),
        ("{deal},2026-06-03,60,returned,x", "line 3: 50 % of"),
        ("{deal},2026-06-03,10,returned,", "line 3: Say why"),
    ],
)
def test_one_bad_row_stores_nothing(analyst: Person, won: Deal, row: str, said: str) -> None:
    good = f"{won.external_id},2026-06-02,50,returned,Broken\n"
    data = f"deal,day,percent,kind,reason\n{good}{row.format(deal=won.external_id)}\n".encode()
    with pytest.raises(Invalid, match=said):
        import_cancellations(actor=analyst, name="c.csv", data=data)


def test_two_systems_with_the_same_id_are_told_apart_by_the_column_crm(analyst: Person, won: Deal) -> None:
    assert won.rep is not None
    deal(won.rep, 50, MAY, source="other", external_id=won.external_id)
    row = f"{won.external_id},2026-06-02,They went"
    with pytest.raises(Invalid, match="Name one of them in the column crm"):
        import_cancellations(actor=analyst, name="c.csv", data=f"deal,day,reason\n{row}\n".encode())
    data = f"deal,day,reason,crm\n{row},other\n".encode()
    import_cancellations(actor=analyst, name="c.csv", data=data)
    assert Cancellation.objects.get().deal.source == "other"


@pytest.mark.parametrize("percent", ["NaN", "-Infinity", "0", "100.0000001", "half"])
def test_a_percent_in_a_file_that_is_none_is_named_with_its_line(
    analyst: Person, won: Deal, percent: str
) -> None:
    data = f"deal,day,percent,reason\n{won.external_id},2026-06-02,{percent},Gone\n".encode()
    with pytest.raises(Invalid, match=f"c.csv, line 2: percent is “{percent}”"):
        import_cancellations(actor=analyst, name="c.csv", data=data)
    assert not Cancellation.objects.exists()
