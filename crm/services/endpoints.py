"""Every write of endpoints: connecting a CRM, its secrets, pausing it."""

import datetime as dt
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.engine.webhooks import ADAPTERS
from crm.engine.webhooks.shapes import new_secret, problem_of
from crm.models import Endpoint, EndpointSecret
from crm.pipeline.sealing import seal

MANAGE = "hooks.manage"
HINT_LENGTH = 4
MOST_LIVE = 2
LONGEST_KEEP = 24 * 30  # hours that an old secret may live on
OWN_SOURCE = "here"  # what people write in sopcycle itself
CHANGEABLE = {"label", "public_url", "is_active", "adds_accounts", "silence_hours"}


@transaction.atomic
def create_endpoint(
    *,
    actor: Person | None,
    provider: str,
    label: str,
    source: str = "",
    secret: str = "",
    public_url: str = "",
) -> tuple[Endpoint, str]:
    """Connect a CRM; also its secret in clear, shown once: a new one where the CRM lets us choose it.

    Where the CRM hands it out and `secret` is empty, the endpoint turns everything away until
    `rotate_secret` brings one. Without `source` the CRM gets one of its own, named as the label.
    Raises Invalid by field, Denied.
    """
    require(actor, MANAGE)
    _check(provider, secret)
    if not label.strip():
        raise Invalid(Reason("Give the endpoint a name, such as the CRM's.", "needed", "label"))
    row = Endpoint(
        provider=provider,
        label=label.strip(),
        source=_source(source, provider, label),
        public_url=public_url.strip(),
    )
    endpoint = create_row(actor=actor, row=row, verb="endpoint connected")
    text = secret or new_secret(provider)
    if text:
        _add_secret(actor, endpoint, text)
    return endpoint, text


def free_label(provider: str) -> str:
    """A label for one more endpoint of the provider that none has yet."""
    name = ADAPTERS[provider].label
    taken = set(Endpoint.objects.filter(label__startswith=name).values_list("label", flat=True))
    numbered = (f"{name} {number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


@transaction.atomic
def change_endpoint(
    *, actor: Person | None, endpoint: Endpoint, revision: int, changes: dict[str, Any], reason: str = ""
) -> Endpoint:
    """Change label, public address, whether it is on, whether accounts are added, when silence alarms.

    Raises Conflict after somebody else's save, Invalid by field, Denied.
    """
    require(actor, MANAGE)
    wanted = {name: value for name, value in changes.items() if name in CHANGEABLE}
    return change_row(
        actor=actor, row=endpoint, revision=revision, changes=wanted, verb="endpoint changed", reason=reason
    )


@transaction.atomic
def rotate_secret(
    *, actor: Person | None, endpoint: Endpoint, secret: str = "", keep_old_hours: int = 24
) -> tuple[EndpointSecret, str]:
    """Give an endpoint another secret; what was live stays so for `keep_old_hours`. Two live at most.

    Returns the new one in clear as well, to be shown once. Raises Invalid, Denied.
    """
    require(actor, MANAGE)
    text = secret or new_secret(endpoint.provider)
    _check(endpoint.provider, text)
    if not text:
        sentence = f"{ADAPTERS[endpoint.provider].label} hands its secret out. Paste it here."
        raise Invalid(Reason(sentence, "needed", "secret"))
    if not 0 <= keep_old_hours <= LONGEST_KEEP:
        sentence = f"An old secret lives on for 0 to {LONGEST_KEEP} hours."
        raise Invalid(Reason(sentence, "range", "keep_old_hours"))
    locked = Endpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    _let_expire(locked, timezone.now(), dt.timedelta(hours=keep_old_hours))
    return _add_secret(actor, locked, text), text


@transaction.atomic
def end_secret(*, actor: Person | None, secret: EndpointSecret, reason: str = "") -> EndpointSecret:
    """End a secret now, such as one that leaked. Raises Refused for one that is over, Denied."""
    require(actor, MANAGE)
    fresh = EndpointSecret.objects.select_for_update(of=("self",)).get(pk=secret.pk)
    now = timezone.now()
    if fresh.expires is not None and fresh.expires <= now:
        raise Refused(Reason("This secret is over already.", "over"))
    return change_row(
        actor=actor,
        row=fresh,
        revision=fresh.revision,
        changes={"expires": now},
        verb="endpoint secret ended",
        reason=reason,
    )


def _check(provider: str, secret: str) -> None:
    if provider not in ADAPTERS:
        text = f"{provider!r} is no provider. Use one of {', '.join(ADAPTERS)}."
        raise Invalid(Reason(text, "unknown", "provider"))
    if secret and (problem := problem_of(provider, secret)):
        raise Invalid(Reason(problem, "secret", "secret"))


def _source(source: str, provider: str, label: str) -> str:
    """As asked for, or one of its own, of the label's words."""
    if source.strip() == OWN_SOURCE:
        text = f"“{OWN_SOURCE}” names what people write in sopcycle itself. Choose another name."
        raise Invalid(Reason(text, "taken", "source"))
    if source.strip():
        return source.strip()
    name = slugify(label)[:50] or provider
    taken = {OWN_SOURCE, *Endpoint.objects.filter(source__startswith=name).values_list("source", flat=True)}
    numbered = (f"{name}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _add_secret(actor: Person | None, endpoint: Endpoint, text: str) -> EndpointSecret:
    hint = text[-HINT_LENGTH:] if len(text) > 2 * HINT_LENGTH else ""
    secret = EndpointSecret.objects.create(endpoint=endpoint, sealed=seal(text), hint=hint)
    record(actor=actor, verb="endpoint secret added", subject=endpoint, after={"secret": f"…{hint}"})
    return secret


def _let_expire(endpoint: Endpoint, now: dt.datetime, keep: dt.timedelta) -> None:
    """The newest lives on for a while, older ones end: with the new one there are two."""
    live = EndpointSecret.objects.filter(endpoint=endpoint).filter(Q(expires=None) | Q(expires__gt=now))
    keys = list(live.order_by("-created", "-pk").values_list("pk", flat=True))
    newest, older = keys[: MOST_LIVE - 1], keys[MOST_LIVE - 1 :]
    live.filter(pk__in=newest).filter(Q(expires=None) | Q(expires__gt=now + keep)).update(expires=now + keep)
    live.filter(pk__in=older).update(expires=now)
