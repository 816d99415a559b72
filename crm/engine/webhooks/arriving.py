"""One HTTP request as it arrived, the secrets it may be signed with, and how it is turned away."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = dt.timedelta(minutes=5)
BRACKETS = re.compile(r"[\[\]{}]")
DEEPEST = 40  # levels of nesting in JSON; more is an attack, not a payload


class Rejected(Exception):
    """The sender is not proven. The reason is for the log: senders always get the same sentence."""


class Unreadable(Exception):
    """The sender is proven, but this is no payload of theirs. The text says what is wrong."""


@dataclass(frozen=True)
class Arrival:
    """A request: `headers` with lower-case names, `body` as raw bytes, `url` the endpoint's public one."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> bytes:
        """A header's bytes; Rejected where it is missing or not ASCII."""
        value = self.headers.get(name, "")
        if not value:
            raise Rejected(f"The header {name} is missing.")
        if not value.isascii():
            raise Rejected(f"The header {name} is not ASCII.")
        return value.encode("ascii")


@dataclass(frozen=True)
class Secret:
    """A secret of an endpoint. `key` tells two live ones apart while they are rotated."""

    key: str
    text: str


def fresh(sent: dt.datetime, now: dt.datetime) -> None:
    """Rejected where the time of sending lies more than five minutes before or after now."""
    if abs(now - sent) > TOLERANCE:
        raise Rejected("The time stamp is more than five minutes off.")


def time_of_seconds(text: bytes) -> dt.datetime:
    """Seconds since 1970, digits only."""
    return _since_1970(text, 1)


def time_of_milliseconds(text: bytes) -> dt.datetime:
    """Milliseconds since 1970, digits only."""
    return _since_1970(text, 1000)


def _since_1970(text: bytes, parts: int) -> dt.datetime:
    if not text.isdigit() or len(text) > 15:
        raise Rejected("The time stamp is not a whole number.")
    try:
        return dt.datetime.fromtimestamp(int(text) / parts, tz=dt.UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Rejected("The time stamp is no time.") from error


def json_of(body: bytes) -> Any:
    """The JSON of a body; Unreadable for text that is none, numbers that are none, or nests too deep."""
    try:
        text = body.decode("utf-8")
        _refuse_depth(text)
        return json.loads(text, parse_constant=_no_number)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unreadable("The body is not JSON in UTF-8.") from error


def _refuse_depth(text: str) -> None:
    depth = 0
    for sign in BRACKETS.findall(text):
        depth += 1 if sign in "[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
