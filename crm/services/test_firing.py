"""Trying a connection: a signed request of our own to its address, the whole way round."""

from dataclasses import dataclass

import requests
from django.utils import timezone

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.sealing import Unsealable
from crm.engine.webhooks import Rejected
from crm.engine.webhooks.firing import fired
from crm.models import Endpoint
from crm.pipeline.sealing import unseal
from crm.selectors.inbox import address_of, secrets_of

TIMEOUT = (3, 10)  # seconds to connect, to answer


@dataclass(frozen=True)
class TestResult:
    """What a test found: whether it was taken, at which address, in how many seconds, in words."""

    ok: bool
    address: str
    seconds: float
    text: str


def fire_test(*, actor: Person | None, endpoint: Endpoint) -> TestResult:
    """Send a signed request with nothing in it to the endpoint's address and say how it was answered.

    Raises Refused while there is no secret or the connection is off, Denied.
    """
    require(actor, "hooks.manage")
    address, secret = address_of(endpoint), _secret(endpoint)
    result = _send(endpoint, address, secret)
    record(actor=actor, verb="endpoint tried", subject=endpoint, after={"answer": result.text})
    return result


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


def _send(endpoint: Endpoint, address: str, secret: str) -> TestResult:
    try:
        made = fired(endpoint.provider, secret, address, timezone.now())
    except Rejected as error:
        raise Refused(Reason(str(error), "secret")) from error
    try:
        answer = requests.post(
            address, data=made.body, headers=made.headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        text = f"Nobody answers at {address} ({type(error).__name__}). Check the public address."
        return TestResult(False, address, 0.0, text)
    seconds = answer.elapsed.total_seconds()
    taken = 200 <= answer.status_code < 300
    return TestResult(taken, address, seconds, _words(answer.status_code, address, seconds))


def _words(status: int, address: str, seconds: float) -> str:
    if 200 <= status < 300:
        return f"The test arrived at {address} and was taken in {seconds * 1000:.0f} ms."
    if 300 <= status < 400:
        return f"{address} answers with a redirect ({status}), which no sender follows. Mend the address."
    if status == 401:
        return f"{address} did not believe the signature. A proxy may change what is sent."
    return f"{address} answered {status}. Something other than this application may be there."
