"""What became of the pipeline between two days: the database's bridge against one counted by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Currency, MonthRate
from core.models import Person
from crm.engine.pipeline import Part, Place
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, DealChange
from crm.selectors.pipeline_moves import Moved, Moves, Window, movable, moves
from tests.crm.pipeline_world import a_way_of_selling, day, tell, tell_all, told

pytestmark = pytest.mark.django_db
WEEK = 7


@pytest.fixture(autouse=True)
def _a_way_of_selling() -> None:
    a_way_of_selling()


def looked_at(since: int = WEEK, until: int = 0, **closes: dt.date) -> Moves:
    return moves(None, movable(None), Window(day(since), day(until), **closes))


def steps(found: Moves) -> dict[str, tuple[int, int]]:
    return {
        step.value: (part.deals, int(part.amount)) for step, part in found.bridge.steps.items() if part.deals
    }


def who(kind: str, since: int = WEEK, until: int = 0, **closes: dt.date) -> list[str]:
    window = Window(day(since), day(until), **closes)
    return [one.deal.external_id for one in moves(None, movable(None), window, kind, limit=50).deals]


def one(kind: str = "any") -> Moved:
    (row,) = moves(None, movable(None), Window(day(WEEK), day(0)), kind, limit=50).deals
    return row


def test_each_thing_that_can_happen_is_its_own_step() -> None:
    for name in ("stays", "grows", "shrinks", "wins", "loses", "goes"):
        tell(name, 30, stage="offer", amount=100, owner="INA")
    tell("grows", 3, amount=150)
    tell("shrinks", 3, amount=60)
    tell("wins", 3, stage="won", amount=120)
    tell("loses", 3, stage="lost")
    tell("goes", 3, kind=EventKind.DELETE)
    tell("comes", 3, stage="prospect", amount=500)

    found = looked_at()

    assert found.bridge.start == Part(6, Decimal(600))
    assert found.bridge.end == Part(4, Decimal(810))
    assert steps(found) == {
        "created": (1, 500),
        "raised": (2, 70),
        "lowered": (1, -40),
        "won": (1, -120),
        "lost": (1, -100),
        "removed": (1, -100),
    }


def test_the_deals_behind_each_step_are_those_it_counts() -> None:
    tell("a", 30, stage="offer", amount=100)
    tell("b", 30, stage="offer", amount=100)
    tell("a", 3, stage="won")
    tell("b", 3, stage="lost")
    tell("c", 2, stage="prospect", amount=10)

    found = looked_at()

    for step, part in found.bridge.steps.items():
        assert len(who(step.value)) == part.deals == found.counts[step.value]
    assert (who("won"), who("lost"), who("created")) == (["a"], ["b"], ["c"])


def test_what_happened_before_or_after_the_days_is_not_told() -> None:
    tell("a", 30, stage="prospect", amount=100)
    tell("a", 20, stage="offer", amount=200)
    tell("a", 10, amount=300)
    tell("a", 1, stage="won", amount=400)

    found = looked_at(since=15, until=5)

    assert (found.bridge.start.amount, found.bridge.end.amount) == (200, 300)
    assert steps(found) == {"raised": (1, 100)}


def test_pushing_a_deal_out_of_the_quarter_moves_it_out_of_the_pipeline_looked_at() -> None:
    tell("out", 30, stage="offer", amount=100, expected_close=day(-5))
    tell("in", 30, stage="offer", amount=70, expected_close=day(-90))
    tell("out", 2, expected_close=day(-60))
    tell("in", 2, expected_close=day(-10))
    window = {"closes_from": day(0), "closes_to": day(-30)}

    found = looked_at(**window)

    assert steps(found) == {"moved_in": (1, 70), "moved_out": (1, -100)}
    assert (who("pushed", **window), who("pulled", **window)) == (["out"], ["in"])
    assert steps(looked_at()) == {}  # without a window a push changes no sum
    assert who("pushed") == ["out"]


def test_a_deal_won_outside_of_the_days_looked_at_is_none_of_theirs() -> None:
    tell("late", 30, stage="offer", amount=100, expected_close=day(-200))
    tell("late", 2, stage="won", closed=day(2))

    assert steps(looked_at(closes_from=day(-100), closes_to=day(-300))) == {"won": (1, -100)}
    assert steps(looked_at(closes_from=day(-10), closes_to=day(-30))) == {}


def test_a_deal_of_old_that_we_hear_of_now_is_not_called_created() -> None:
    tell("old", 2, stage="offer", amount=100, created=day(300))

    assert steps(looked_at()) == {"found": (1, 100)}


def test_a_merged_deal_leaves_and_a_reopened_one_comes_back() -> None:
    tell("twin", 30, stage="offer", amount=100)
    tell("main", 30, stage="offer", amount=100)
    tell("back", 30, stage="lost", amount=40)
    tell("twin", 2, into="main")
    tell("back", 2, stage="offer")

    assert steps(looked_at()) == {"reopened": (1, 40), "removed": (1, -100)}


def test_stages_and_owners_that_changed_are_told_with_what_they_were() -> None:
    tell("a", 30, stage="prospect", amount=100, owner="INA")
    tell("a", 2, stage="contract", owner="BEN")

    row = one()

    assert (row.stage_before, row.stage_after) == ("prospect", "contract")
    assert (row.owner_before, row.owner_after) == ("INA", "BEN")
    assert (row.before, row.after) == (Place.OPEN, Place.OPEN)
    assert set(row.changes) == {"forward", "owner"}


def test_a_stage_back_is_not_a_stage_forward() -> None:
    tell("a", 30, stage="contract", amount=100)
    tell("a", 2, stage="prospect")

    assert one().changes == ("backward",)


def test_a_currency_that_moved_is_no_change_of_the_pipeline() -> None:
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    Currency.objects.get_or_create(code="SEK", defaults={"name": "Krona"})
    MonthRate.objects.create(currency_id="SEK", month=day(400).replace(day=1), rate=Decimal("0.09"))
    tell("a", 30, stage="offer", amount=1000, currency="SEK")
    tell("b", 30, stage="offer", amount=1000, currency="SEK")
    tell("b", 2, amount=2000)

    found = looked_at()

    assert (found.bridge.start.amount, found.bridge.end.amount) == (180, 270)
    assert steps(found) == {"raised": (1, 90)}


def test_nobody_sees_the_moves_of_deals_of_others(sales_rep: Person) -> None:
    tell("theirs", 2, stage="offer", amount=100, owner="BEN")

    window = Window(day(WEEK), day(0))
    found = moves(sales_rep, movable(sales_rep), window, limit=5)
    assert (found.bridge.end, found.deals) == (Part(), [])


def test_narrowed_deals_keep_a_per_cent_sign_in_what_is_searched() -> None:
    tell("a", 2, stage="offer", amount=100, name="20 % more")

    narrowed = movable(None).filter(name__contains="20 %")
    assert moves(None, narrowed, Window(day(WEEK), day(0))).bridge.end.deals == 1


# --- against a bridge counted by replaying every deal ------------------------------------------------

CODES = ("prospect", "offer", "contract", "won", "lost")
WINDOW = (day(5), day(-5))
HISTORIES = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from(CODES),
            st.integers(0, 5).map(lambda amount: amount * 25),
            st.integers(-8, 8),
        ),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=5,
)


def replayed(at: int, narrow: bool) -> Decimal:
    """The open pipeline when a day ended, by reading every deal's history from its beginning."""
    return sum((_open_amount(one, at, narrow) for one in Deal.objects.all()), Decimal(0))


def _open_amount(one: Deal, at: int, narrow: bool) -> Decimal:
    known = {}
    for change in DealChange.objects.filter(deal=one).order_by("occurred", "version", "key"):
        if change.occurred.date() <= day(at):
            known[change.field] = change.after
    if one.created is None or one.created > day(at) or known.get("stage") not in CODES[:3]:
        return Decimal(0)
    close = dt.date.fromisoformat(known["expected_close"])
    if narrow and not WINDOW[0] <= close <= WINDOW[1]:
        return Decimal(0)
    return Decimal(known["amount"] or 0)


def events_of(number: int, history: list[tuple[int, str, int, int]]) -> list[Event]:
    return [
        told(f"deal-{number}", ago, stage=stage, amount=amount, expected_close=day(close))
        for ago, stage, amount, close in history
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES, st.integers(0, 10), st.integers(0, 6), st.booleans())
def test_any_history_gives_the_bridge_that_a_replay_gives(
    histories: list[list[tuple[int, str, int, int]]], until: int, longer: int, narrow: bool
) -> None:
    since = until + longer
    closes = dict(zip(("closes_from", "closes_to"), WINDOW, strict=True)) if narrow else {}
    with transaction.atomic():
        tell_all(*(one for number, history in enumerate(histories) for one in events_of(number, history)))

        found = looked_at(since, until, **closes).bridge

        assert found.start.amount == replayed(since, narrow)
        assert found.end.amount == replayed(until, narrow)
        assert found.start.amount + sum(part.amount for part in found.steps.values()) == found.end.amount
        transaction.set_rollback(True)
