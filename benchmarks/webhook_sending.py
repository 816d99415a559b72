"""A CRM under load: signed deliveries over kept connections, and how long each took to be acknowledged."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from crm.engine.webhooks.standard import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the published test vectors
GIVEN_UP_AFTER = 120.0  # seconds; HubSpot itself repeats for a day
CONNECTIONS = 10  # HubSpot's usual number of requests at once
Make = Callable[[], bytes]


@dataclass
class Sent:
    """What came of a load: seconds in all, milliseconds until each acknowledgement, refusals."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    given_up: int = 0

    def rate(self) -> float:
        """Acknowledged requests a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was acknowledged."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]


def delivery(path: str, messages: list[dict[str, Any]], key: str) -> Make:
    """A request that is signed when it is sent: a signature lives for five minutes."""
    body = json.dumps(messages[0] if len(messages) == 1 else messages).encode()

    def make() -> bytes:
        stamp = int(time.time())
        return (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nwebhook-id: {key}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: {sign(SECRET, key, stamp, body)}\r\n\r\n"
        ).encode() + body

    return make


def bare(body: bytes) -> Make:
    """The same size of request for the baseline."""
    request = (
        f"POST /bare/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    return lambda: request


def send_all(port: int, requests: Iterable[Make], *, again: Sent | None = None, seconds: float = 0.0) -> Sent:
    """Send over CONNECTIONS connections. With `again`, which is filled, what is not taken is sent again.

    `seconds` spreads the requests over that time instead of sending as fast as it goes.
    """
    sent, lock, waiting = Sent() if again is None else again, threading.Lock(), iter(every := list(requests))
    pause = seconds * CONNECTIONS / max(1, len(every))
    until_taken = again is not None

    def take() -> Make | None:
        with lock:
            return next(waiting, None)

    def work() -> None:
        with Connection(port) as connection:
            while (make := take()) is not None:
                _deliver(connection, make, sent, lock, until_taken)
                time.sleep(pause)

    started = time.perf_counter()
    threads = [threading.Thread(target=work, daemon=True) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = time.perf_counter() - started
    return sent


def _deliver(
    connection: "Connection", make: Make, sent: Sent, lock: threading.Lock, until_taken: bool
) -> None:
    until = time.monotonic() + (GIVEN_UP_AFTER if until_taken else 0)
    while True:
        began = time.perf_counter()
        status = connection.ask(make())
        took = (time.perf_counter() - began) * 1000
        with lock:
            if 200 <= status < 300:
                sent.waits.append(took)
                return
            sent.refused += 1
            if time.monotonic() > until:
                sent.given_up += until_taken
                return
        time.sleep(0.1)


class Connection:
    """One kept connection; opened anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, request: bytes) -> int:
        """The status of the answer; 0 where none came."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            return self._answer(self._socket)
        except (OSError, LookupError, ValueError):  # no answer, or none that is HTTP with a length
            self.close()
            return 0

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, web: socket.socket) -> int:
        got = b""
        while b"\r\n\r\n" not in got:
            block = web.recv(8192)
            if not block:
                raise ConnectionResetError
            got += block
        head, _, body = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        missing = int(headers["content-length"]) - len(body)
        while missing > 0:
            missing -= len(web.recv(8192)) or missing
        if headers.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1])


def batches(rows: list[Any], size: int) -> Iterator[list[Any]]:
    """Lists of `size` rows, the last one shorter."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
