"""The password as signature: asked again at the moment of signing, with a limit on wrong tries."""

from django.core.cache import cache

from core.errors import Invalid, Reason, Refused
from core.models import Person

TRIES = 5
LOCKED_SECONDS = 300


def confirm_password(*, actor: Person, password: str) -> None:
    """Make sure that it is really the actor who signs.

    Raises Invalid for a wrong password, Refused after five wrong ones within five minutes and for an
    account that has none.
    """
    key = f"wrong-signature-password:{actor.pk}"
    if not actor.has_usable_password():
        text = "Your account has no password to sign with. Set one under Account → Password, then sign."
        raise Refused(Reason(text, "no_password", "password", "/account/password/set/"))
    if cache.get(key, 0) >= TRIES:
        text = "Five wrong passwords: signing is locked for five minutes. Nothing was signed."
        raise Refused(Reason(text, "locked", "password"))
    if actor.check_password(password):
        cache.delete(key)
        return
    cache.add(key, 0, LOCKED_SECONDS)
    left = TRIES - cache.incr(key)
    again = f"{left} {'try is' if left == 1 else 'tries are'} left" if left > 0 else "wait five minutes"
    raise Invalid(Reason(f"This is not your password: nothing was signed; {again}.", "password", "password"))
