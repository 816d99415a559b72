"""Secrets at rest: readable only with the application's key.

Fernet (AES-128-CBC with HMAC-SHA256) under a key that HKDF-SHA256 (RFC 5869) derives from the
application's own. Reasons: docs/adr/0011-webhook-inbox.md.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"sopcycle: secrets of webhook endpoints"


class Unsealable(Exception):
    """The seal fits none of the keys: the application's key was changed without keeping the old one."""


class Sealer:
    """Seals with the first key, opens with any: an old key is kept until everything is sealed anew."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, text: str) -> bytes:
        """The text, encrypted with the first key."""
        return self._fernet.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """The text. Raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise Unsealable("No key of this installation opens the secret.") from error


def _derived(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
