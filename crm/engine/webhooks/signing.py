"""Message authentication codes, compared in constant time over bytes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable

from crm.engine.webhooks.arriving import Rejected, Secret

Code = Callable[[bytes], bytes]


def hmac_sha256(key: bytes, content: bytes) -> bytes:
    """The code of the content under the key, 32 bytes (RFC 2104)."""
    return hmac.new(key, content, hashlib.sha256).digest()


def base64_text(code: bytes) -> bytes:
    """A code as providers write it in Base64."""
    return base64.b64encode(code)


def hex_text(code: bytes) -> bytes:
    """A code as providers write it in lower-case hexadecimal."""
    return code.hex().encode()


def first_match(secrets: Iterable[Secret], given: bytes, expected: Callable[[Secret], bytes]) -> Secret:
    """The secret that gives what was sent. Every secret is tried, so that time tells nothing.

    Raises Rejected where none does.
    """
    found: Secret | None = None
    for secret in secrets:
        try:
            right = expected(secret)
        except (ValueError, binascii.Error):
            continue  # a secret that cannot be a key of this scheme matches nothing
        if hmac.compare_digest(right, given) and found is None:
            found = secret
    if found is None:
        raise Rejected("The signature fits none of the endpoint's secrets.")
    return found
