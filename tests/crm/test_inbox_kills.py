"""kill -9 and a lost database in the middle of the inbox's work: nothing is lost, nothing happens twice."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from benchmarks.webhook_history import STAGES, as_sent, expected, unique_events
from crm.models import Deal, DealChange, DealStage, Delivery, Endpoint, InboxEvent
from crm.pipeline.inbox_draining import drain
from crm.waking import Waking
from tests.crm.senders import message, push, signed, standard_endpoint
from tests.killing import Program
from tests.worker import Worker, cut_the_database, kill, use_broker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROGRAM = """
from django.test import RequestFactory
from crm.pipeline import inbox_applying, inbox_reading
from crm.pipeline.inbox_draining import drain
from crm.services import receiving
from crm.views.hooks import hook

where, key, body, headers = json.loads(sys.argv[1])
then_wait({"reading": inbox_reading, "applying": inbox_applying, "storing": receiving}[where], {
    "reading": "execute_rows", "applying": "apply_events", "storing": "_store"}[where])
if where == "storing":
    hook(RequestFactory().post("/", body.encode(), "application/json", headers=headers), key)
else:
    drain()
"""


@pytest.fixture(autouse=True)
def ways_of_selling(transactional_db: None) -> None:
    for position, code in enumerate(STAGES):
        DealStage.objects.create(code=code, name=code, position=position, probability="0.5")


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


@pytest.fixture
def started(program: Callable[..., Program]) -> Callable[..., Program]:
    """Starts the program and waits until it is at the place where it shall be hit."""

    def start(where: str, key: str = "", body: str = "", headers: Any = None) -> Program:
        return program(PROGRAM, json.dumps([where, key, body, headers]))

    return start


FAULTS = [kill, cut_the_database]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_hit_while_it_reads_leaves_the_delivery_waiting(
    endpoint: Endpoint, started: Callable[..., Program], fault: Callable[..., None]
) -> None:
    push(endpoint, message(1, name="A"), message(2, name="B"))
    process = started("reading")
    assert drain().deliveries == 0  # the other worker has it in hand
    fault(process)

    assert Delivery.objects.get().state == "waiting"
    assert InboxEvent.objects.count() == 0
    drain()
    assert sorted(InboxEvent.objects.values_list("seen", "state")) == [(1, "applied"), (1, "applied")]
    assert Deal.objects.get().name == "B"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_hit_while_it_applies_leaves_the_events_waiting(
    endpoint: Endpoint, started: Callable[..., Program], fault: Callable[..., None]
) -> None:
    push(endpoint, message(1, name="A", stage="offer"), message(2, stage="contract"))
    process = started("applying")
    assert drain().events == 0  # one worker at a time is at a CRM
    fault(process)

    assert set(InboxEvent.objects.values_list("state", "attempts")) == {("waiting", 0)}
    assert Deal.objects.count() == DealChange.objects.count() == 0
    drain()
    assert Deal.objects.get().stage.code == "contract"
    assert DealChange.objects.filter(field="stage").count() == 2
    assert set(InboxEvent.objects.values_list("state", "attempts")) == {("applied", 1)}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_web_server_hit_before_it_answers_has_the_delivery_and_the_second_sending_only_counts(
    endpoint: Endpoint, started: Callable[..., Program], fault: Callable[..., None]
) -> None:
    body = json.dumps(message(1, name="A"))
    process = started("storing", str(endpoint.key), body, signed(body.encode()))
    fault(process)

    assert Delivery.objects.count() == 1
    push(endpoint, message(1, name="A"))
    drain()
    assert InboxEvent.objects.get().seen == 2
    assert Deal.objects.get().name == "A"


def test_a_database_that_goes_away_ends_the_turn_and_the_next_one_goes_on(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(endpoint, message(1, name="A"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        own = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [own])
    other.close()
    connection.health_check_done = True
    assert drain().events == 0
    assert drain().events == 1
    assert Deal.objects.get().name == "A"


def test_a_year_of_a_crm_in_disorder_ends_as_its_true_order_says(
    endpoint: Endpoint, started: Callable[..., Program]
) -> None:
    unique = unique_events(800)
    sent = as_sent(unique)
    chance = random.Random(5)
    while sent:
        some, sent = sent[: (size := chance.randrange(1, 90))], sent[size:]
        push(endpoint, *some)
        if chance.random() < 0.3:
            drain(seconds=0)
        if chance.random() < 0.1:
            kill(started(chance.choice(["reading", "applying"])))
            push(endpoint, *some)  # the sender was not sure either
    while drain().events:
        continue
    assert {one.external_id: _state(one) for one in Deal.objects.all()} == expected(unique)
    assert InboxEvent.objects.count() == len(unique)
    assert not InboxEvent.objects.exclude(state__in=["applied", "partly", "superseded"]).exists()


def _state(deal: Deal) -> dict[str, Any]:
    return {
        "name": deal.name,
        "amount": "" if deal.amount is None else f"{deal.amount:.2f}",
        "stage": deal.stage.code if deal.stage else "",
        "expected_close_date": deal.expected_close.isoformat() if deal.expected_close else "",
        "deleted": deal.is_deleted,
        "merged_into": deal.merged_into.external_id if deal.merged_into else "",
        "stages": deal.changes.filter(field="stage").count(),
    }


# --- telling the workers ----------------------------------------------------------------------


def test_a_queue_that_is_down_costs_a_warning_and_no_delivery(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use_broker("redis://127.0.0.1:1/0", monkeypatch)
    wake = Waking(0.01)
    wake()
    until = time.monotonic() + 20
    while "could not be told" not in caplog.text and time.monotonic() < until:
        time.sleep(0.02)
    assert "The workers could not be told of new deliveries" in caplog.text
    assert push(endpoint, message(1, name="A")).status_code == 200
    drain()
    assert Deal.objects.get().name == "A"


def test_many_deliveries_are_one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[float] = []
    monkeypatch.setattr("crm.waking.app.send_task", lambda *_, **__: sent.append(time.monotonic()))
    wake = Waking(0.2)
    for _ in range(50):
        wake()
    assert sent == []  # whoever calls does not wait for the queue
    time.sleep(0.6)
    assert len(sent) == 1
    wake()
    time.sleep(0.6)
    assert len(sent) == 2


@pytest.mark.worker
@pytest.mark.xdist_group("worker")
def test_a_delivery_is_applied_by_a_worker_without_waiting_for_the_sweep(
    worker: Worker, endpoint: Endpoint
) -> None:
    push(endpoint, message(1, name="A", stage="offer"))
    worker.wait_for(lambda: InboxEvent.objects.filter(state="applied").exists(), "the event to be applied")
    assert Deal.objects.get().stage.code == "offer"
