"""One text for one content: what fingerprints and signatures are taken over.

Keys sorted, no spaces, numbers as decimal text with at most six places, dates as ISO text: the same
content gives the same bytes in any order of reading, and anybody can repeat it from the export.
"""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

PLACES = 6


def canonical(content: Any) -> bytes:
    """The canonical UTF-8 text of nested dicts, lists, numbers, dates and strings.

    Raises TypeError for anything else, ValueError for numbers that are not finite.
    """
    text = json.dumps(
        _plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def fingerprint(content: Any) -> str:
    """SHA-256 over the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def number(value: float | Decimal) -> str:
    """A number as the canonical text writes it: `12.5`, `0`, `-3`."""
    text = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):.{PLACES}f}".rstrip(
        "0"
    ).rstrip(".")
    return "0" if text in {"", "-0", "-"} else text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | Decimal):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("A number is not finite.")
        return number(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form.")
