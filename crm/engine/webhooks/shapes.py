"""What a secret of each provider looks like: checked when it is entered, made where we choose it."""

import base64
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass

from crm.engine.webhooks.standard import PREFIX, PUBLIC_PREFIX, key_of

LONGEST = 500
LETTERS = frozenset(string.ascii_letters + string.digits)


@dataclass(frozen=True)
class Shape:
    """`problem` says in a sentence what is wrong with a secret, or nothing; `make` makes a new one
    where the receiver chooses it, and is None where the CRM hands it out."""

    problem: Callable[[str], str]
    make: Callable[[], str] | None = None


def problem_of(provider: str, secret: str) -> str:
    """What is wrong with a secret for this provider; empty where nothing is."""
    if not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        return "A secret has only letters, digits and signs, without spaces around it. Copy it again."
    if len(secret) > LONGEST:
        return f"A secret has at most {LONGEST} characters. Copy it again."
    return SHAPES[provider].problem(secret)


def new_secret(provider: str) -> str:
    """A new random secret; empty for providers that hand theirs out."""
    make = SHAPES[provider].make
    return make() if make is not None else ""


def _any(secret: str) -> str:
    return "" if secret else "The secret is empty. Paste it from the CRM."


def _standard(secret: str) -> str:
    """The specification asks for 24 to 64 bytes; a public key (Ed25519) has 32."""
    is_public = secret.startswith(PUBLIC_PREFIX)
    try:
        length = len(key_of(secret.removeprefix(PUBLIC_PREFIX)))
    except ValueError:
        return f"The secret is {PREFIX} (or {PUBLIC_PREFIX}) followed by base64. Copy it again, all of it."
    if is_public:
        return "" if length == 32 else f"The public key holds {length} bytes; an Ed25519 key has 32."
    return "" if 24 <= length <= 64 else f"The secret holds {length} bytes; use 24 to 64."


def _hexadecimal(secret: str) -> str:
    try:
        return "" if bytes.fromhex(secret) else _any(secret)
    except ValueError:
        return "Close's signature key has only the digits 0 to 9 and a to f. Copy it again."


def _user_and_password(secret: str) -> str:
    user, colon, password = secret.partition(":")
    return "" if user and colon and password else "Write user:password, as entered at the webhook."


def _organisation(secret: str) -> str:
    if len(secret) in {15, 18} and set(secret) <= LETTERS:
        return ""
    return "An organisation id of Salesforce has 15 or 18 letters and digits, such as 00D000000000001AAA."


def _token(secret: str) -> str:
    return _any(secret) if len(secret) <= 50 else "Zoho takes tokens of at most 50 characters."


SHAPES = {
    "hubspot": Shape(_any),
    "salesforce": Shape(_organisation),
    "pipedrive": Shape(_user_and_password, lambda: f"sopcycle:{secrets.token_urlsafe(24)}"),
    "zendesk": Shape(_any),
    "close": Shape(_hexadecimal),
    "zoho": Shape(_token, lambda: secrets.token_urlsafe(30)),
    "standard": Shape(_standard, lambda: PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()),
}
