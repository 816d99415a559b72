"""Outgoing webhooks: messages wait in a table until the other side has acknowledged them."""

import json
import socket
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from planning.models import Dispatch, Release, ReleasedTotal, Subscription, Told
from planning.selectors.addresses import release_path

RELEASED, TRIED = Told.RELEASED.value, "test"
AT_A_TIME = 50
TIMEOUT = (5, 10)  # seconds to connect, to answer
# Waits between tries, as Standard Webhooks recommends: growing, for about three days.
WAITS = (5, 300, 1800, 7200, 18000, 36000, 36000, 72000, 86400)


def queue_dispatches(release: Release) -> int:
    """One message for each active subscription; they leave after the transaction, by beat."""
    return queue(RELEASED, "", payload_of(release))


def queue(event_type: str, about: str, payload: dict[str, Any]) -> int:
    """One message for each active subscription that is told of such events."""
    now = timezone.now()
    told = Subscription.objects.filter(is_active=True, events__contains=[event_type])
    rows = [
        Dispatch(subscription=one, event_type=event_type, about=about, payload=payload, next_try=now)
        for one in told
    ]
    return len(Dispatch.objects.bulk_create(rows))


def payload_of(release: Release) -> dict[str, Any]:
    """What a subscriber is told: which plan, its hash and totals, and where all of it is."""
    totals = ReleasedTotal.objects.filter(release=release).aggregate(
        units=Sum("supplied"), demand=Sum("consensus"), revenue=Sum("revenue")
    )
    return {
        "type": RELEASED,
        "timestamp": release.released.isoformat(),
        "data": {
            "release": release.pk,
            "cycle": release.cycle_id,
            "month": release.cycle.month.isoformat(),
            "issue": release.cycle.issue,
            "content_hash": release.content_hash,
            "totals": {name: round(value or 0, 4) for name, value in totals.items()},
            "url": f"{settings.PUBLIC_URL}{release_path(release)}",
            "content_url": f"{settings.PUBLIC_URL}/api/v1/releases/{release.pk}/content/",
        },
    }


def send_waiting(now: datetime | None = None) -> int:
    """Send what is due; says how many were acknowledged. The rest is tried again later."""
    now = now or timezone.now()
    due = Dispatch.objects.filter(delivered=None, next_try__lte=now, subscription__is_active=True)
    keys = list(due.order_by("next_try").values_list("pk", flat=True)[:AT_A_TIME])
    return sum(_send_one(key, now) for key in keys)


def _send_one(key: int, now: datetime) -> int:
    """Locked while it is sent, so that two workers never send the same message at once."""
    with transaction.atomic():
        locked = Dispatch.objects.select_for_update(skip_locked=True, of=("self",))
        dispatch = locked.select_related("subscription").filter(pk=key, delivered=None).first()
        return 0 if dispatch is None else int(not send_now(dispatch, now))


def send_now(dispatch: Dispatch, now: datetime | None = None) -> str:
    """Try once and keep how it went; says what went wrong, or nothing when it was acknowledged."""
    error = deliver(dispatch)
    dispatch.attempts += 1
    dispatch.last_error = error
    dispatch.delivered = None if error else timezone.now()
    tried_by_hand = dispatch.event_type == TRIED
    dispatch.next_try = _next_try(dispatch, now or timezone.now()) if error and not tried_by_hand else None
    dispatch.save(update_fields=["attempts", "last_error", "delivered", "next_try"])
    return error


def _next_try(dispatch: Dispatch, now: datetime) -> datetime | None:
    if dispatch.attempts > len(WAITS):
        return None  # given up: the page shows it, and "Send again" starts anew
    return now + timedelta(seconds=WAITS[dispatch.attempts - 1])


def deliver(dispatch: Dispatch) -> str:
    """Send one signed message; says what went wrong, or nothing when it was acknowledged (2xx)."""
    subscription = dispatch.subscription
    refusal = refused_address(subscription.url)
    if refusal:
        return refusal
    body = json.dumps(dispatch.payload, separators=(",", ":"), sort_keys=True)
    message = f"msg_{dispatch.pk}"  # the same in every try: the other side knows a repetition by it
    sent = timezone.now()
    headers = {
        "content-type": "application/json",
        "user-agent": "sopcycle",
        "webhook-id": message,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(subscription.secret).sign(message, sent, body),
    }
    try:
        answer = requests.post(
            subscription.url, data=body.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        return f"No answer: {type(error).__name__}."
    return "" if answer.ok else f"Answered {answer.status_code} {answer.reason}."[:300]


def refused_address(url: str) -> str:
    """Why a message is never sent there: only HTTPS to public addresses, so that nobody can make the
    server call what only the server can reach. Outside production this machine itself is allowed."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"https", "http"}:
        return "This is not a web address. Write https://host/path."
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return f"The host {parts.hostname} is not known. Check its name."
    addresses = {ip_address(entry[4][0]) for entry in found}
    if settings.MODE != "production" and all(address.is_loopback for address in addresses):
        return ""
    if not all(address.is_global for address in addresses):
        return "The address lies in a private network; webhooks go to public addresses only."
    return "" if parts.scheme == "https" else "Use https: the message is not for everybody's eyes."
