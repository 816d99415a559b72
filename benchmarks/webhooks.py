"""Webhooks under load, and under kill -9. Ratios within one run, over loopback, gunicorn as in production.

    python -m benchmarks webhooks

1. The door: single signed deliveries against a bare Django view that inserts one row, in turns.
2. Batches of a hundred while the workers drain: events stored, events applied, waits for the answer.
3. Events with duplicates, out of order, with deletes and merges, while web, worker and database are killed in
   turn: the deals must be those of the unique events in true order.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.product import Product, kill_in_turn
from benchmarks.webhook_history import STAGES, as_sent, expected, unique_events
from benchmarks.webhook_sending import SECRET, Make, Sent, bare, batches, delivery, send_all

SINGLES, ROUNDS = 500, 15
BATCHES, BATCH = 400, 100
CHAOS = 100_000
SENT_WITHIN = 90.0  # seconds over which the chaos is sent: kills then hit deliveries on their way
KILL_EVERY = 4.0  # seconds between two kills
BAR_RATIO, BAR_EVENTS, BAR_P99 = 0.60, 5_000, 200.0
EVENTS = "SELECT count(*) FROM crm_inboxevent"
UNFINISHED = """
    SELECT (SELECT count(*) FROM crm_delivery WHERE state = 'waiting')
         + (SELECT count(*) FROM crm_inboxevent WHERE state = 'waiting')
"""
DEALS = """
    SELECT d.external_id, d.name, d.amount, coalesce(s.code, ''), d.expected_close, d.is_deleted,
           coalesce(m.external_id, ''),
           (SELECT count(*) FROM crm_dealchange c WHERE c.deal_id = d.id AND c.field = 'stage')
    FROM crm_deal d
    LEFT JOIN crm_dealstage s ON s.id = d.stage_id
    LEFT JOIN crm_deal m ON m.id = d.merged_into_id
    WHERE d.source = 'chaos'
"""


def run() -> dict[str, Any]:
    """All three measurements, in a product of their own."""
    with tempfile.TemporaryDirectory(prefix="sopcycle-bench-") as folder:
        product = Product(Path(folder))
        try:
            product.start()
            _prepare(product)
            found = {
                "door": measure_door(product),
                "batches": measure_batches(product),
                "chaos": measure_chaos(product, CHAOS),
            }
        finally:
            product.stop()
    return found | {"passes": all(part["passes"] for part in found.values())}


def measure_door(product: Product) -> dict[str, Any]:
    """Deliveries a second through the door and through the bare view, in short rounds in turn: whatever
    else the machine does, it does to both."""
    path = _endpoint(product, "door")
    size = len(json.dumps(_change(0)).encode())
    requests = {
        "bare": [bare(b"x" * size)] * SINGLES,
        "web": [delivery(path, [_change(number)], f"door-{number}") for number in range(SINGLES)],
    }
    for app in requests:
        product.revive(app)
        send_all(product.ports[app], requests[app][:200], again=Sent())
    rounds = [{app: _rate(product, app, some) for app, some in requests.items()} for _ in range(ROUNDS)]
    for app in requests:
        product.end(app)
    ratio = statistics.median(one["web"] / one["bare"] for one in rounds)
    return {
        "bare_per_second": round(statistics.median(one["bare"] for one in rounds)),
        "deliveries_per_second": round(statistics.median(one["web"] for one in rounds)),
        "ratio": round(ratio, 2),
        "ratios": sorted(round(one["web"] / one["bare"], 2) for one in rounds),
        "passes": ratio >= BAR_RATIO,
    }


def _rate(product: Product, app: str, requests: list[Make]) -> float:
    sent = send_all(product.ports[app], requests)
    if sent.refused:
        raise RuntimeError(f"{sent.refused} of {len(requests)} requests to {app} were not taken.")
    return sent.rate()


def measure_batches(product: Product) -> dict[str, Any]:
    """Batches of a hundred at full speed, read and applied by the workers at the same time."""
    path = _endpoint(product, "batches")
    product.run_all()
    product.wait_until(lambda: product.count(UNFINISHED) == 0, "the deliveries of before")
    messages = [_change(number) for number in range(BATCHES * BATCH)]
    requests = [delivery(path, some, f"b-{n}") for n, some in enumerate(batches(messages, BATCH))]
    before = product.count(EVENTS)
    clock = _Clock()
    sent = send_all(product.ports["web"], requests)
    acknowledged = clock.seconds()
    product.wait_until(lambda: product.count(EVENTS) == before + len(messages), "events to be stored")
    stored = clock.seconds()
    product.wait_until(lambda: product.count(UNFINISHED) == 0, "events to be applied")
    applied = clock.seconds()
    singles = _singles_while_draining(product, path)
    p99 = max(sent.percentile(0.99), singles.percentile(0.99))
    return {
        "events": len(messages),
        "events_acknowledged_per_second": round(len(messages) / acknowledged),
        "events_stored_per_second": round(len(messages) / stored),
        "events_applied_per_second": round(len(messages) / applied),
        "ack_p99_ms_of_batches": round(sent.percentile(0.99)),
        "ack_p99_ms_of_singles": round(singles.percentile(0.99)),
        "refused": sent.refused + singles.refused,
        "passes": len(messages) / stored >= BAR_EVENTS
        and p99 <= BAR_P99
        and not sent.refused + singles.refused,
    }


def _singles_while_draining(product: Product, path: str) -> Sent:
    """Single deliveries, while the workers have a backlog of batches to read and apply."""
    backlog = [_change(number) for number in range(10**6, 10**6 + BATCHES * BATCH // 2)]
    send_all(
        product.ports["web"],
        [delivery(path, some, f"l-{n}") for n, some in enumerate(batches(backlog, BATCH))],
    )
    singles = [delivery(path, [_change(2 * 10**6 + n)], f"s-{n}") for n in range(4 * SINGLES)]
    return send_all(product.ports["web"], singles)


def measure_chaos(product: Product, count: int) -> dict[str, Any]:
    """Send a year of a CRM, kill what runs in turn, and compare every deal with what it must be."""
    path = _endpoint(product, "chaos")
    product.run_all()
    unique = unique_events(round(count * 0.8))
    sent = as_sent(unique)
    requests = [delivery(path, some, f"c-{n}") for n, some in enumerate(batches(sent, BATCH))]
    product.wait_until(lambda: product.count(UNFINISHED) == 0, "the deliveries of before", seconds=600)
    clock, taken = _Clock(), Sent()
    sending = Thread(
        target=send_all,
        args=(product.ports["web"], requests),
        kwargs={"again": taken, "seconds": SENT_WITHIN},
        daemon=True,
    )
    sending.start()
    kills = kill_in_turn(
        product,
        every=KILL_EVERY,
        progress=lambda: _progress(product),
        until=lambda rounds: rounds >= 2 and not sending.is_alive(),
    )
    product.wait_until(lambda: product.count(UNFINISHED) == 0, "the inbox to be empty", seconds=900)
    seconds = clock.seconds()
    wrong = _differences(product, expected(unique))
    of_chaos = "endpoint_id = (SELECT id FROM crm_endpoint WHERE source = 'chaos')"
    stored, seen = product.rows(f"SELECT count(*), sum(seen) FROM crm_inboxevent WHERE {of_chaos}")[0]
    bad = product.count(f"{EVENTS} WHERE {of_chaos} AND state NOT IN ('applied', 'partly', 'superseded')")
    return {
        "events_sent": len(sent),
        "unique": len(unique),
        "killed": kills,
        "answers_missed_or_refused": taken.refused,
        "deliveries_given_up": taken.given_up,
        "seconds": round(seconds, 1),
        "events_kept": stored,
        "seen_in_all": int(seen),
        "not_applied": bad,
        "deals": len(expected(unique)),
        "deals_that_differ": len(wrong),
        "examples": wrong[:3],
        "passes": not wrong
        and not bad
        and stored == len(unique)
        and int(seen) >= len(sent)
        and taken.refused > 0
        and not taken.given_up,
    }


def _progress(product: Product) -> int | None:
    """How many events were applied by now; None when none is left, -1 while the database is away."""
    left = product.count(UNFINISHED)
    return None if left == 0 else product.count(f"{EVENTS} WHERE state <> 'waiting'")


def _differences(product: Product, wanted: dict[str, dict[str, Any]]) -> list[str]:
    """The deals that are not as they must be, in words."""
    found = {}
    for key, name, amount, stage, close, deleted, merged, stages in product.rows(DEALS):
        found[key] = {
            "name": name,
            "amount": "" if amount is None else f"{amount:.2f}",
            "stage": stage,
            "expected_close_date": close.isoformat() if close else "",
            "deleted": deleted,
            "merged_into": merged,
            "stages": stages,
        }
    keys = sorted(wanted.keys() | found.keys())
    return [
        f"{key}: {found.get(key)} instead of {wanted.get(key)}"
        for key in keys
        if found.get(key) != wanted.get(key)
    ]


class _Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._began


def _change(number: int) -> dict[str, Any]:
    """A change of one of a thousand deals, of the size that CRMs send."""
    day = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}"
    moment = f"{day}T{number % 24:02d}:00:00Z"
    data = {
        "external_id": f"B{number % 1000}",
        "version": number,
        "name": f"Pumps for the northern plant, part {number}",
        "amount": f"{number % 90_000}.00",
        "stage": STAGES[number % len(STAGES)],
        "expected_close_date": "2026-12-18",
        "next_step": "Send the revised offer and ask for the framework contract.",
    }
    return {"type": "deal.updated", "timestamp": moment, "data": data}


def _endpoint(product: Product, source: str) -> str:
    made = product.manage(
        *("webhooks", "create", "--provider", "standard", "--secret", SECRET),
        *("--label", source, "--source", source, "--json"),
    )
    return str(json.loads(made)["path"])


def _prepare(product: Product) -> None:
    """The baseline's table, and stages for the deals."""
    product.rows("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, received timestamptz, body bytea)")
    kinds = {"closedwon": "won", "closedlost": "lost"}
    for position, code in enumerate(STAGES):
        product.rows(
            "INSERT INTO crm_dealstage (code, name, position, kind, probability, category, revision) "
            f"VALUES ('{code}', '{code}', {position}, '{kinds.get(code, 'open')}', 0.5, 'pipeline', 1)"
        )
