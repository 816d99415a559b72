"""Outgoing webhooks: who is told of what, tried, mended, sent again."""

import base64
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from planning.models import Dispatch, Subscription
from planning.models.releases import told_at_first
from planning.pipeline.dispatching import TRIED, refused_address, send_now

SECRET_BYTES = 32


@transaction.atomic
def add_subscription(
    *, actor: Person | None, label: str, url: str, events: list[str] | None = None, is_active: bool = True
) -> Subscription:
    """Connect an address. Its secret is made here; show it once, it is never shown again.

    Raises Invalid for an address that messages are never sent to.
    """
    require(actor, "subscriptions.manage")
    _check_address(url)
    row = Subscription(label=label.strip(), url=url.strip(), secret=_new_secret(), is_active=is_active)
    row.events = told_at_first() if events is None else events
    return create_row(actor=actor, row=row, verb="webhook connected")


@transaction.atomic
def change_subscription(
    *, actor: Person | None, subscription: Subscription, revision: int, changes: dict[str, Any]
) -> Subscription:
    """Change name, address, and of what it is told. Raises Conflict after somebody else's save."""
    require(actor, "subscriptions.manage")
    wanted = {
        name: value for name, value in changes.items() if name in {"label", "url", "events", "is_active"}
    }
    if "url" in wanted:
        _check_address(wanted["url"])
    return change_row(
        actor=actor, row=subscription, revision=revision, changes=wanted, verb="webhook changed"
    )


@transaction.atomic
def renew_secret(*, actor: Person | None, subscription: Subscription) -> Subscription:
    """Give the subscription another secret; messages are signed with it from now on."""
    require(actor, "subscriptions.manage")
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    changes = {"secret": _new_secret()}
    return change_row(
        actor=actor, row=fresh, revision=fresh.revision, changes=changes, verb="webhook secret renewed"
    )


def try_subscription(*, actor: Person, subscription: Subscription) -> str:
    """Send a test message now; says what went wrong, or nothing when it was acknowledged."""
    require(actor, "subscriptions.manage")
    payload = {
        "type": TRIED,
        "timestamp": timezone.now().isoformat(),
        "data": {"text": f"{actor.name} tried the webhook.", "subscription": subscription.label},
    }
    dispatch = Dispatch.objects.create(subscription=subscription, event_type=TRIED, payload=payload)
    return send_now(dispatch)


@transaction.atomic
def send_again(*, actor: Person | None, dispatch: Dispatch) -> Dispatch:
    """Let a message that did not arrive be tried anew, from now on. Raises Refused for one that did."""
    require(actor, "subscriptions.manage")
    fresh = Dispatch.objects.select_for_update(of=("self",)).get(pk=dispatch.pk)
    if fresh.delivered is not None:
        raise Refused(Reason("This message arrived; there is nothing to send again.", "delivered"))
    fresh.attempts, fresh.next_try = 0, timezone.now()
    fresh.save(update_fields=["attempts", "next_try"])
    record(actor=actor, verb="webhook message sent again", subject=fresh.subscription)
    return fresh


def _check_address(url: str) -> None:
    refusal = refused_address(url.strip())
    if refusal:
        raise Invalid(Reason(refusal, "address", "url"))


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
