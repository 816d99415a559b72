"""Values as CRMs write them: money, times in four shapes, and text from any JSON value."""

import datetime as dt
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.engine.webhooks.arriving import Unreadable

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LONGEST = 4000  # characters of one value


def text_of(value: Any) -> str:
    """A JSON value as text; numbers without an exponent, true and false in words, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(Decimal(repr(value)))
    if isinstance(value, str | int):
        return _sound(str(value))[:LONGEST]
    raise Unreadable("A value is neither text nor number.")


def _sound(text: str) -> str:
    """Without NUL and halves of surrogate pairs: JSON may hold both, UTF-8 and databases may not."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "")


def number_text(number: Decimal) -> str:
    """A number in plain digits: 1054, 26768.5."""
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Unreadable("A number is out of any sensible range.")
    return format(number.normalize(), "f")


def money_of_cents(value: Any) -> str:
    """An amount in hundredths as an amount: 100000 → 1000."""
    if value is None:
        return ""
    try:
        return number_text(Decimal(text_of(value)) / 100)
    except InvalidOperation as error:
        raise Unreadable("An amount in cents is not a number.") from error


def time_of(value: Any) -> dt.datetime:
    """A moment: milliseconds since 1970 (number or digits), ISO text, or a naive one, which is UTC."""
    if isinstance(value, bool) or value is None:
        raise Unreadable("A time is missing.")
    try:
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit() and len(value) > 8):
            moment = dt.datetime.fromtimestamp(int(value) / 1000, tz=dt.UTC)
        else:
            moment = dt.datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("A time cannot be read.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    try:
        return max(moment.astimezone(dt.UTC), EARLIEST)
    except OverflowError as error:
        raise Unreadable("A time lies outside the calendar.") from error


def lines_text(lines: list[dict[str, str]]) -> str:
    """The products of a deal as one value: JSON of product, text, quantity, amount, unit_price."""
    return json.dumps(lines, separators=(",", ":"), ensure_ascii=False)


def dict_of(value: Any, what: str) -> dict[str, Any]:
    """The value as an object; Unreadable with what it should have been."""
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not an object.")
    return value


def list_of(value: Any, what: str, most: int = 10_000) -> list[Any]:
    """The value as a list; Unreadable with what it should have been, or where it is absurdly long."""
    if not isinstance(value, list):
        raise Unreadable(f"{what} is not a list.")
    if len(value) > most:
        raise Unreadable(f"{what} has more than {most} entries.")
    return value


def id_of(value: Any, what: str) -> str:
    """An identifier: text or whole number, not empty, at most 200 characters."""
    text = text_of(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text or len(text) > 200:
        raise Unreadable(f"{what} is missing.")
    return text


def id_or_none_of(value: Any, what: str) -> str:
    """As `id_of`; empty where there is none."""
    return "" if value in (None, "") else id_of(value, what)
