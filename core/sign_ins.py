"""Signing in and out as events. The one place where a signal is used: no service of ours signs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from core.events import record
from core.models import Person


@receiver(user_logged_in, dispatch_uid="core.sign_ins.signed_in")
def signed_in(sender: Any, user: Person, **_: Any) -> None:
    record(actor=user, verb="signed in", subject=user)


@receiver(user_logged_out, dispatch_uid="core.sign_ins.signed_out")
def signed_out(sender: Any, user: Person | None, **_: Any) -> None:
    if user is not None:
        record(actor=user, verb="signed out", subject=user)
