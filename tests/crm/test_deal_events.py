"""Deals follow their events, in whatever order and however often these arrive."""

import datetime as dt
import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Currency, MonthRate
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.values import lines_text
from crm.models import Account, Deal, DealStage, EventState, Rep, StageKind, ValueMapping
from crm.pipeline.deal_sums import refresh_base_amounts
from crm.pipeline.deals import apply_deal_events

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OWN = ("name", "amount", "currency_id", "base_amount", "expected_close", "closed", "created")
DERIVED = ("entered_stage", "pushes", "is_deleted")
SHOWN = [*OWN, *DERIVED, "stage__code", "rep__code", "account__code", "merged_into__external_id", "written"]


@pytest.fixture(autouse=True)
def ways_of_selling() -> None:
    for position, (code, kind, chance) in enumerate(
        [
            ("offer", "open", "0.3"),
            ("contract", "open", "0.7"),
            ("closedwon", "won", "1"),
            ("dead", "lost", "0"),
        ]
    ):
        DealStage.objects.create(
            code=code, name=code.title(), position=position, kind=kind, probability=Decimal(chance)
        )
    Rep.objects.create(code="R-1", name="Ines", email="ines@example.com")
    Rep.objects.create(code="R-2", name="Otto", email="otto@example.com")
    Account.objects.create(code="A-1", name="Alder Ltd")


def event(hours: float = 0, *, key: str = "", about: str = "7", **given: object) -> Event:
    kind = given.pop("kind", EventKind.CHANGE)
    merged = given.pop("merged", ())
    fields = {name: str(value) for name, value in given.items()}
    moment = START + dt.timedelta(hours=hours)
    return Event(
        "deal", about, kind, moment, key or f"{about}:{hours}:{kind}:{sorted(fields)}", 0, fields, merged
    )


def told(*events: Event) -> list[EventState]:
    return [one.outcome for one in apply_deal_events("hubspot", events)]


def deal(external_id: str = "7") -> Deal:
    return Deal.objects.get(source="hubspot", external_id=external_id)


def all_of(source: str) -> list[tuple]:
    deals = Deal.objects.filter(source=source).order_by("external_id")
    steps = deals.order_by("external_id", "changes__field", "changes__occurred", "changes__key")
    history = steps.values_list("external_id", "changes__field", "changes__before", "changes__after")
    return [*deals.values_list("external_id", *SHOWN), *history]


def test_a_deal_is_made_by_its_first_event() -> None:
    assert told(
        event(name="Pumps", amount="1500.5", stage="offer", owner="ines@example.com", account="A-1")
    ) == [EventState.APPLIED]
    found = deal()
    assert (found.name, found.amount, found.stage.code, found.rep.code) == (
        "Pumps",
        Decimal("1500.5"),
        "offer",
        "R-1",
    )
    assert (found.account.code, found.created, found.closed) == ("A-1", dt.date(2026, 3, 2), None)


def test_late_news_changes_only_what_is_not_known_better() -> None:
    outcomes = told(
        event(5, stage="contract"), event(3, stage="offer", amount="10"), event(4, stage="offer", key="late")
    )
    assert outcomes == [EventState.APPLIED, EventState.PARTLY, EventState.SUPERSEDED]
    assert (deal().stage.code, deal().amount) == ("contract", 10)


def test_late_news_of_a_stage_takes_its_place_in_the_history() -> None:
    told(event(5, stage="closedwon"), event(1, stage="offer"), event(3, stage="contract"))
    steps = deal().changes.filter(field="stage").order_by("occurred").values_list("before", "after")
    assert list(steps) == [("", "offer"), ("offer", "contract"), ("contract", "closedwon")]
    assert deal().entered_stage == START + dt.timedelta(hours=5)
    assert deal().closed == dt.date(2026, 3, 2)


def test_a_close_date_moved_out_counts_as_a_push_and_moved_in_does_not() -> None:
    for hour, day in enumerate(["2026-05-01", "2026-06-01", "2026-05-15", "2026-07-01"]):
        told(event(hour, expected_close=day))
    assert deal().pushes == 2


def test_an_unknown_value_touches_nothing_and_says_what_it_waits_for() -> None:
    [settled] = apply_deal_events("hubspot", [event(stage="offer-sent", owner="nobody", amount="5")])
    assert settled.outcome == EventState.NEEDS_MAPPING
    assert {str(one) for one in settled.unknown} == {"stage:offer-sent", "owner:nobody"}
    assert not Deal.objects.exists()


def test_a_mapping_names_what_the_crm_calls_otherwise() -> None:
    ValueMapping.objects.create(source="hubspot", kind="stage", value="offer-sent", target_code="offer")
    ValueMapping.objects.create(source="hubspot", kind="owner", value="901", is_ignored=True, reason="left")
    assert told(event(stage="Offer-Sent", owner="901")) == [EventState.APPLIED]
    assert (deal().stage.code, deal().rep) == ("offer", None)


def test_the_usual_words_for_the_end_need_no_mapping_where_one_stage_fits() -> None:
    told(event(stage="Closed Lost"))
    assert deal().stage.kind == StageKind.LOST


def test_a_name_that_two_reps_have_is_nobody() -> None:
    Rep.objects.create(code="R-3", name="Otto")
    assert told(event(owner="Otto"))[0] == EventState.NEEDS_MAPPING


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("amount", "12 apples", "not a number"),
        ("amount", "1e30", "sensible range"),
        ("amount", "NaN", "sensible range"),
        ("probability", "140", "no share"),
        ("expected_close", "31.12.2026", "not a day"),
        ("category", "dream", "use one of"),
    ],
)
def test_a_value_that_cannot_stand_touches_nothing_and_says_why(name: str, text: str, says: str) -> None:
    [settled] = apply_deal_events("hubspot", [event(**{name: text})])
    assert settled.outcome == EventState.DEAD
    assert says in settled.error
    assert not Deal.objects.exists()


def test_one_bad_event_of_a_batch_does_not_fail_the_rest() -> None:
    assert told(event(amount="x"), event(1, amount="5"), event(2, about="8", stage="?")) == [
        EventState.DEAD,
        EventState.APPLIED,
        EventState.NEEDS_MAPPING,
    ]
    assert [one.external_id for one in Deal.objects.all()] == ["7"]


def test_a_deleted_deal_stays_deleted_until_it_is_restored() -> None:
    told(event(2, kind=EventKind.DELETE), event(1, amount="5"))
    assert deal().is_deleted
    told(event(3, kind=EventKind.RESTORE))
    assert not deal().is_deleted


def test_a_merged_deal_points_at_the_winner() -> None:
    told(event(1, amount="5"), event(2, about="9", kind=EventKind.MERGE, merged=("7",)))
    assert deal().merged_into == deal("9")


def test_an_amount_is_valued_at_the_rate_of_the_month_it_closed_in() -> None:
    Currency.objects.get_or_create(code="USD", defaults={"name": "Dollar"})
    MonthRate.objects.create(currency_id="USD", month=dt.date(2026, 1, 1), rate=Decimal("0.9"))
    MonthRate.objects.create(currency_id="USD", month=dt.date(2026, 4, 1), rate=Decimal("0.8"))
    told(
        event(amount="100", currency="USD"),
        event(1, about="8", amount="100", currency="USD", stage="closedwon"),
    )
    assert (deal().base_amount, deal("8").base_amount) == (80, 90)
    MonthRate.objects.filter(month=dt.date(2026, 1, 1)).update(rate=Decimal("0.7"))
    assert refresh_base_amounts() == 1
    assert deal("8").base_amount == 70


def test_the_newest_list_of_products_replaces_the_one_before() -> None:
    first = [{"product": "", "text": "Pump", "quantity": "2", "amount": "", "unit_price": "10.5"}]
    newest = [
        {"product": "", "text": "Valve", "quantity": "1", "amount": "7", "unit_price": ""},
        {"product": "", "text": "Seal", "quantity": "4", "amount": "2", "unit_price": ""},
    ]
    told(event(1, lines=lines_text(first)))
    assert deal().lines.get().amount == 21
    told(event(3, lines=lines_text(newest)), event(2, key="late", lines=lines_text(first)))
    assert list(deal().lines.values_list("position", "text", "amount")) == [(1, "Valve", 7), (2, "Seal", 2)]


def test_an_unknown_product_of_a_line_waits_for_a_mapping() -> None:
    lines = [{"product": "GTX", "text": "", "quantity": "1", "amount": "7", "unit_price": ""}]
    [settled] = apply_deal_events("hubspot", [event(lines=lines_text(lines))])
    assert [str(one) for one in settled.unknown] == ["product:GTX"]


def test_an_amount_in_a_currency_without_a_rate_has_no_base_amount() -> None:
    Currency.objects.get_or_create(code="USD", defaults={"name": "Dollar"})
    told(event(amount="100", currency="USD"))
    assert deal().base_amount is None


def test_a_thousand_events_take_few_queries(pinned_queries) -> None:
    batch = [event(n, about=str(n % 50), amount=str(n), stage="offer", owner="R-1") for n in range(1000)]
    with pinned_queries("a thousand deal events"):
        apply_deal_events("hubspot", batch)
    assert Deal.objects.count() == 50


SOURCES = (f"crm-{number}" for number in itertools.count())
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["offer", "contract", "closedwon", "dead", ""]),
        "amount": st.sampled_from(["1", "2", ""]),
        "owner": st.sampled_from(["R-1", "R-2"]),
        "expected_close": st.sampled_from(["2026-05-01", "2026-06-01", "2026-07-01"]),
        "closed": st.sampled_from(["2026-04-01", ""]),
    },
)
KINDS = st.sampled_from([EventKind.CHANGE] * 5 + [EventKind.DELETE, EventKind.RESTORE, EventKind.MERGE])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    found = []
    for number in range(draw(st.integers(1, 9))):
        kind, about = draw(KINDS), draw(st.sampled_from(["7", "8"]))
        fields = draw(CHANGES) if kind is EventKind.CHANGE else {}
        merged = ("8" if about == "7" else "7",) if kind is EventKind.MERGE else ()
        hour = draw(st.integers(0, 4))
        found.append(event(hour, about=about, kind=kind, merged=merged, key=f"e{number}", **fields))
    return found


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_repetition_and_cutting_into_batches_gives_the_same_deals(
    history: list[Event], chance: random.Random, size: int
) -> None:
    true, mixed = next(SOURCES), next(SOURCES)
    apply_deal_events(true, sorted(history, key=lambda one: (one.occurred, one.dedupe_key)))
    arriving = [*history, *chance.sample(history, k=len(history) // 2)]
    chance.shuffle(arriving)
    for start in range(0, len(arriving), size):
        apply_deal_events(mixed, arriving[start : start + size])
    assert all_of(mixed) == all_of(true)
