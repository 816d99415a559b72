"""Telling the workers that something waits: soon after, and once for many deliveries."""

import logging
import threading

from kombu.exceptions import OperationalError as BrokerGone

from sopcycle.celery import app

logger = logging.getLogger(__name__)

DRAIN = "crm.drain_inbox"
SOON = 0.1  # seconds; what arrives meanwhile is drained by the same task
FORGOTTEN_AFTER = 30  # seconds; behind long work, old wake-ups must not pile up


class Waking:
    """Sends one task for all calls within `seconds`, from a thread of its own: the queue can be
    slow or down, and whoever calls does not notice. The sweep by beat finds what no task told of."""

    def __init__(self, seconds: float = SOON) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._asked = False

    def __call__(self) -> None:
        with self._lock:
            if self._asked:
                return
            self._asked = True
        timer = threading.Timer(self._seconds, self._send)
        timer.daemon = True
        timer.start()

    def _send(self) -> None:
        with self._lock:
            self._asked = False  # before sending: who comes from now on needs another task
        try:
            app.send_task(DRAIN, expires=FORGOTTEN_AFTER, retry=False)
        except (BrokerGone, OSError) as error:
            logger.warning("The workers could not be told of new deliveries: %s", error)


wake_the_inbox = Waking()
