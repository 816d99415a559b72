"""Any order and any repetition of a record's events gives the same record."""

import datetime as dt
import random

from hypothesis import given
from hypothesis import strategies as st

from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.records import Outcome, RecordState, apply, fold

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KINDS = st.sampled_from(
    [EventKind.CHANGE, EventKind.CHANGE, EventKind.DELETE, EventKind.RESTORE, EventKind.MERGE]
)


def event(number: int, minute: int, **given: object) -> Event:
    values = {"entity": "deal", "external_id": "7", "kind": EventKind.CHANGE, "dedupe_key": f"e{number}"}
    return Event(**(values | {"occurred": START + dt.timedelta(minutes=minute)} | given))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    count = draw(st.integers(1, 12))
    found = []
    for number in range(count):
        kind = draw(KINDS)
        fields = draw(
            st.dictionaries(st.sampled_from(["stage", "amount", "owner"]), st.text("abc", max_size=2))
        )
        found.append(
            event(
                number,
                draw(st.integers(0, 5)),
                kind=kind,
                external_id="9" if kind is EventKind.MERGE else "7",
                merged=("7",) if kind is EventKind.MERGE else (),
                fields=fields if kind is EventKind.CHANGE else {},
            )
        )
    return found


@given(histories(), st.randoms())
def test_order_and_repetition_change_nothing(history: list[Event], dice: random.Random) -> None:
    shuffled = history + [dice.choice(history) for _ in range(5)]
    dice.shuffle(shuffled)
    assert fold(shuffled, to="7") == fold(history, to="7")


def test_a_late_message_is_news_for_one_field_and_old_for_another() -> None:
    state, _ = apply(RecordState(), event(2, 10, fields={"stage": "won"}), to="7")
    state, outcome = apply(state, event(1, 5, fields={"stage": "offer", "amount": "100"}), to="7")
    assert outcome is Outcome.PARTLY
    assert (state.value("stage"), state.value("amount")) == ("won", "100")
    assert [stage for _, stage in state.stages] == ["offer", "won"]


def test_an_older_update_does_not_bring_a_deleted_record_back() -> None:
    state = fold([event(2, 10, kind=EventKind.DELETE), event(1, 5, fields={"stage": "offer"})], to="7")
    assert state.is_deleted
    state, _ = apply(state, event(3, 12, kind=EventKind.RESTORE), to="7")
    assert not state.is_deleted


def test_an_empty_text_clears_a_field() -> None:
    state = fold([event(1, 1, fields={"owner": "17"}), event(2, 2, fields={"owner": ""})], to="7")
    assert state.value("owner") == ""
