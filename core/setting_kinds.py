"""What a company-wide value may be: text, a currency, a time zone, a month, weekdays, a number, a choice."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from core.formats import grouped

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
BASE_CURRENCY = "base currency"


@dataclass(frozen=True)
class Setting:
    """One company-wide value. `kind` is text, currency, zone, month, weekdays, whole, decimal or choice
    (of `choices`: what is stored, and what is shown)."""

    key: str
    label: str
    kind: str
    default: Any
    help: str
    group: str
    unit: str = ""
    dated: bool = False
    required: bool = True
    low: int | None = None
    high: int | None = None
    choices: tuple[tuple[str, str], ...] = ()

    def cleaned(self, raw: Any) -> Any:
        """The value as it is used. Raises ValueError with a sentence for one that cannot be."""
        value = KINDS[self.kind](raw)
        if self.required and value in ("", []):
            raise ValueError(f"{self.label} may not be empty.")
        if self.choices and value not in dict(self.choices):
            raise ValueError(f"{self.label}: {value!r} is not one of {', '.join(dict(self.choices))}.")
        if isinstance(value, int | Decimal) and not self._within(value):
            raise ValueError(f"{self.label} must be {self._range()}.")
        return value

    def shown(self, value: Any, currency: str = BASE_CURRENCY) -> str:
        """The value in words; `currency` is what amounts of money are in."""
        if self.kind == "month":
            return MONTHS[value - 1]
        if self.kind == "choice":
            return dict(self.choices)[value]
        if self.kind == "weekdays":
            return ", ".join(WEEKDAYS[day] for day in value)
        text = (
            grouped(value, max(0, -int(value.as_tuple().exponent))) if isinstance(value, Decimal) else value
        )
        return f"{text} {currency if self.unit == BASE_CURRENCY else self.unit}".strip()

    def _within(self, value: int | Decimal) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _range(self) -> str:
        if self.high is None:
            return f"{self.low} or more"
        return f"between {self.low} and {self.high}"


def _text(raw: Any) -> str:
    text = str(raw or "").strip()
    if len(text) > 120:
        raise ValueError("Use 120 characters at most.")
    return text


def _currency(raw: Any) -> str:
    code = str(raw or "").strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValueError("A currency is three letters, such as EUR.")
    return code


def _zone(raw: Any) -> str:
    if raw not in available_timezones():
        raise ValueError(f"{raw!r} is not a time zone. Use a name such as Europe/Berlin.")
    return str(raw)


def _whole(raw: Any) -> int:
    try:
        return int(str(raw))
    except ValueError as error:
        raise ValueError(f"{raw!r} is not a whole number.") from error


def _decimal(raw: Any) -> Decimal:
    try:
        number = Decimal(str(raw))
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is not a number.") from error
    if not number.is_finite():
        raise ValueError(f"{raw!r} is not a number.")
    return number


def _weekdays(raw: Any) -> list[int]:
    days = sorted({_whole(day) for day in raw or []})
    if any(day not in range(7) for day in days):
        raise ValueError("Weekdays are numbered from 0 (Monday) to 6 (Sunday).")
    return days


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "currency": _currency,
    "zone": _zone,
    "month": _whole,
    "weekdays": _weekdays,
    "whole": _whole,
    "decimal": _decimal,
    "choice": _text,
}
