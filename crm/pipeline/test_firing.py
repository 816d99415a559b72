"""Trying a connection: a signed request of our own to its address, the whole way round.

A worker sends it: a web process that waits for its own answer would wait for ever where it is the only one.
"""

from dataclasses import dataclass
from typing import Any

import requests
from django.utils import timezone

from core.errors import Reason, Refused
from core.events import record
from core.jobs import Progress
from crm.engine.sealing import Unsealable
from crm.engine.webhooks import Rejected
from crm.engine.webhooks.firing import Fired, fired
from crm.models import Endpoint
from crm.pipeline.sealing import unseal
from crm.selectors.inbox import address_of, secrets_of

TIMEOUT = (3, 10)  # seconds to connect, to answer


@dataclass(frozen=True)
class Answer:
    """How a test was answered: whether it was taken, in how many seconds, in words."""

    ok: bool
    seconds: float
    text: str


def fire_test(progress: Progress) -> dict[str, Any]:
    """Send a signed request with nothing in it to the endpoint's address.

    Raises Refused with the sentence that says what is in the way.
    """
    endpoint = Endpoint.objects.get(pk=progress.job.params["endpoint"])
    address, made = address_of(endpoint), signed_test(endpoint)
    progress.report(step=f"A signed test is sent to {address}.")
    answer = _send(address, made)
    record(
        actor=progress.job.requested_by,
        verb="endpoint tried",
        subject=endpoint,
        after={"answer": answer.text},
    )
    if not answer.ok:
        raise Refused(Reason(answer.text, "not_taken"))
    progress.report(step=answer.text)
    return {"address": address, "seconds": answer.seconds, "text": answer.text}


def signed_test(endpoint: Endpoint) -> Fired:
    """The request that tries an endpoint. Raises Refused while it is off or has no secret that signs."""
    try:
        return fired(endpoint.provider, _secret(endpoint), address_of(endpoint), timezone.now())
    except Rejected as error:
        raise Refused(Reason(str(error), "secret")) from error


def _secret(endpoint: Endpoint) -> str:
    if not endpoint.is_active:
        raise Refused(Reason("The connection is off. Switch it on, then try it.", "off"))
    newest = secrets_of(endpoint).first()
    if newest is None:
        raise Refused(Reason("There is no secret yet. Paste it first, then try the address.", "no_secret"))
    try:
        return unseal(bytes(newest.sealed))
    except Unsealable as error:
        raise Refused(Reason("The secret cannot be opened any more. Give it a new one.")) from error


def _send(address: str, made: Fired) -> Answer:
    try:
        answer = requests.post(
            address, data=made.body, headers=made.headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        text = f"Nobody answers at {address} ({type(error).__name__}). Check the public address."
        return Answer(False, 0.0, text)
    seconds = answer.elapsed.total_seconds()
    taken = 200 <= answer.status_code < 300
    return Answer(taken, seconds, _words(answer.status_code, address, seconds))


def _words(status: int, address: str, seconds: float) -> str:
    if 200 <= status < 300:
        return f"The test arrived at {address} and was taken in {seconds * 1000:.0f} ms."
    if 300 <= status < 400:
        return f"{address} answers with a redirect ({status}), which no sender follows. Mend the address."
    if status == 401:
        return f"{address} did not believe the signature. A proxy may change what is sent."
    return f"{address} answered {status}. Something other than this application may be there."
