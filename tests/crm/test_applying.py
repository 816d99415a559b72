"""Events become deals; what cannot be applied waits, is tried again, or is given up, and says why."""

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.engine.backoff import LONGEST, MOST_ATTEMPTS, wait_after
from crm.engine.webhooks.events import Event
from crm.models import Account, Deal, DealStage, Endpoint, InboxEvent, Rep
from crm.pipeline import inbox_applying, inbox_draining
from crm.pipeline.inbox_applying import apply_waiting
from crm.pipeline.inbox_draining import drain
from crm.pipeline.inbox_parked import release_known
from crm.pipeline.inbox_sources import LOCK_SPACE
from crm.pipeline.settling import Settled
from crm.selectors.inbox import counts_by_state, unknown_values
from crm.services.endpoints import create_endpoint
from tests.crm.senders import message, push, standard_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ways_of_selling() -> None:
    DealStage.objects.create(code="offer", name="Offer", position=1, probability=Decimal("0.3"))
    Rep.objects.create(code="R-1", name="Ines", email="ines@example.com")


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


def event(**given: Any) -> InboxEvent:
    return InboxEvent.objects.get(**given)


def again() -> None:
    """Everything that waits for a later try is due now."""
    InboxEvent.objects.filter(state="waiting").update(next_try=timezone.now())


def test_a_delivery_becomes_a_deal(endpoint: Endpoint) -> None:
    push(
        endpoint,
        message(1, name="Pumps", amount="1054.00", stage="offer", owner={"email": "ines@example.com"}),
    )
    drained = drain()
    assert (drained.deliveries, drained.events, drained.more) == (1, 1, False)
    deal = Deal.objects.get(source="crm", external_id="7")
    assert (deal.name, deal.amount, deal.stage.code, deal.rep.code) == ("Pumps", 1054, "offer", "R-1")
    found = event()
    assert (found.state, found.attempts, found.next_try, found.error) == ("applied", 1, None, "")
    assert found.settled is not None


def test_each_event_says_what_became_of_it(endpoint: Endpoint) -> None:
    push(endpoint, message(5, name="B"))
    drain()
    push(
        endpoint,
        message(3, name="A", amount="3"),
        message(2, name="0"),
        message(6, amount="a lot"),
        message(7, kind="ticket.updated"),
        message(8, stage="elsewhere", owner="somebody"),
    )
    drain()
    rows = InboxEvent.objects.order_by("occurred").values_list("state", "error", "reason", "waits_for")
    assert list(rows) == [
        ("superseded", "", "", []),
        ("partly", "", "", []),
        ("applied", "", "", []),
        ("dead", "amount is 'a lot', which is not a number.", "", []),
        ("skipped", "", "Nothing here uses records of the kind 'ticket'.", []),
        ("needs_mapping", "", "", ["owner:somebody", "stage:elsewhere"]),
    ]
    assert Deal.objects.get().name == "B"
    assert counts_by_state(None)["needs_mapping"] == 1


def test_what_the_crm_must_be_asked_for_says_so() -> None:
    endpoint, token = create_endpoint(actor=None, provider="zoho", label="Zoho", source="zoho")
    push(
        endpoint,
        {
            "module": "Deals",
            "operation": "update",
            "ids": ["4"],
            "server_time": 1795250000000,
            "token": token,
        },
    )
    drain()
    assert event().state == "needs_record"
    assert Deal.objects.count() == 0


def test_two_endpoints_of_one_crm_meet_in_one_deal(endpoint: Endpoint) -> None:
    other = standard_endpoint(label="Second address")
    push(endpoint, message(1, name="Pumps", amount="5"))
    push(other, message(2, amount="6"))
    drain()
    deal = Deal.objects.get()
    assert (deal.name, deal.amount) == ("Pumps", 6)


def test_the_crm_that_waits_longest_has_its_turn_first(endpoint: Endpoint) -> None:
    other = standard_endpoint(label="Other", source="other")
    push(endpoint, *[message(n, deal=f"a{n}") for n in range(5)])
    push(other, message(1, deal="b"))
    inbox_draining.read_waiting()
    InboxEvent.objects.filter(endpoint=other).update(next_try=timezone.now() - dt.timedelta(hours=1))
    assert apply_waiting(most=3) == 1
    assert [apply_waiting(most=3), apply_waiting(most=3), apply_waiting(most=3)] == [3, 2, 0]


# --- failures ---------------------------------------------------------------------------------


@pytest.fixture
def brittle(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An applier that breaks on deals called “break”; the sizes of the chunks it was given."""
    sizes: list[int] = []
    real = inbox_applying.apply_events

    def breaks(source: str, entity: str, events: Sequence[Event]) -> list[Settled]:
        sizes.append(len(events))
        if any(one.fields.get("name") == "break" for one in events):
            raise ZeroDivisionError("by nothing")
        return real(source, entity, events)

    monkeypatch.setattr(inbox_applying, "apply_events", breaks)
    return sizes


def test_one_event_that_breaks_holds_up_no_other(endpoint: Endpoint, brittle: list[int]) -> None:
    push(endpoint, *[message(n, deal=str(n), name="break" if n == 5 else "fine") for n in range(16)])
    drain()
    assert counts_by_state(None)["applied"] == 15
    assert Deal.objects.count() == 15
    assert sorted(brittle) == [1, 1, 2, 2, 4, 4, 8, 8, 16]  # halves, not one by one
    bad = event(external_id="5")
    assert (bad.state, bad.attempts, bad.error) == ("waiting", 1, "ZeroDivisionError: by nothing")


def test_what_breaks_is_tried_ever_later_and_then_given_up(endpoint: Endpoint, brittle: list[int]) -> None:
    push(endpoint, message(1, name="break"))
    waits = []
    for _ in range(MOST_ATTEMPTS):
        assert apply_all() == 1
        found = event()
        if found.next_try is not None:
            waits.append(found.next_try - timezone.now())
        assert apply_all() == 0  # it is not due
        again()
    usual = [wait_after(n, 0.5) for n in range(1, MOST_ATTEMPTS)]
    assert all(one and 0.7 * one <= wait <= 1.3 * one for one, wait in zip(usual, waits, strict=True))
    assert (found.state, found.attempts, found.next_try) == ("dead", MOST_ATTEMPTS, None)
    assert found.error == "ZeroDivisionError: by nothing"
    assert found.settled is not None


def apply_all() -> int:
    return drain().events


def test_back_off_grows_to_an_hour_and_differs_by_a_quarter_either_way() -> None:
    seconds = [wait_after(n, 0.5) for n in range(1, MOST_ATTEMPTS)]
    assert [one.total_seconds() for one in seconds if one] == [10, 40, 160, 640, 2560, 3600, 3600]
    assert wait_after(MOST_ATTEMPTS, 0.5) is None
    assert wait_after(1, 0) == dt.timedelta(seconds=7.5)
    chance = random.Random(1)
    spread = {wait_after(7, chance.random()) for _ in range(50)}
    assert len(spread) == 50
    assert all(one is not None and LONGEST * 0.75 <= one <= LONGEST * 1.25 for one in spread)


def test_a_value_too_long_to_be_mapped_does_not_wait_for_ever(endpoint: Endpoint) -> None:
    push(endpoint, message(1, stage="s" * 251))
    drain()
    assert (event().state, event().error) == ("dead", "stage is longer than 250 characters.")


def test_a_turn_ends_when_its_time_is_up_and_says_that_more_is_waiting(endpoint: Endpoint) -> None:
    push(endpoint, message(1, name="A"))
    assert drain(seconds=0).more
    assert not drain().more


# --- what was unknown -------------------------------------------------------------------------


def test_a_row_that_is_added_here_lets_go_what_waited_for_it(endpoint: Endpoint) -> None:
    push(endpoint, message(1, stage="Contract", account="Alder Ltd"))
    push(endpoint, message(2, deal="8", stage="nowhere"))
    drain()
    assert release_known() == 0
    DealStage.objects.create(code="contract", name="Contract", position=2, probability=Decimal("0.7"))
    assert release_known() == 1
    drain()
    assert event(external_id="7").waits_for == ["account:Alder Ltd"]
    Account.objects.create(code="A-1", name="Alder Ltd")
    release_known()
    drain()
    assert Deal.objects.get(external_id="7").stage.code == "contract"
    assert event(external_id="7").state == "applied"
    assert [(one.kind, one.value, one.events) for one in unknown_values(None)] == [("stage", "nowhere", 1)]


def test_unknown_values_are_ranked_by_what_waits_for_them(endpoint: Endpoint) -> None:
    push(
        endpoint,
        *[message(n, deal=str(n), stage="often", owner="seldom" if n == 1 else "") for n in range(1, 4)],
    )
    drain()
    found = [(one.source, one.kind, one.value, one.events) for one in unknown_values(None)]
    assert found == [("crm", "stage", "often", 3), ("crm", "owner", "seldom", 1)]
    assert unknown_values(None)[0].since == dt.datetime(2026, 11, 20, 9, 0, 1, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_is_at_a_crm_another_leaves_it_alone(endpoint: Endpoint) -> None:
    push(endpoint, message(1, name="A"))
    inbox_draining.read_waiting()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext('crm'))", [LOCK_SPACE])
            assert apply_waiting() == 0
            cursor.execute("ROLLBACK")
        assert apply_waiting() == 1
    finally:
        other.close()
