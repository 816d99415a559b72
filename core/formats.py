"""How values are written on pages: one place, so that a column reads the same everywhere."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone

EMPTY = "–"
THIN = "\u202f"


def show(value: Any, kind: str = "text") -> tuple[str, str]:
    """The text of a value and its exact form for the title (empty where the text is exact)."""
    if value is None or value == "":
        return EMPTY, ""
    return FORMATS.get(kind, _text)(value)


def grouped(value: Any, places: int) -> str:
    """A number with thin spaces between thousands and a real minus: 12 345.60, −3."""
    text = f"{Decimal(str(value)):,.{places}f}".replace(",", THIN)
    return text.replace("-", "\u2212")


def short(value: Any) -> str:
    """A number as key figures show it: 1.25 M, 340 k, 560; with a real minus."""
    if value is None or value != value:
        return EMPTY
    for size, unit, letter, places in ((1e6, 1e6, "M", 2), (1e4, 1e3, "k", 0)):
        if abs(value) >= size:
            return f"{grouped(float(value) / unit, places)} {letter}"
    return grouped(value, 0)


def typed(value: Decimal | None) -> str:
    """A number as somebody types it into a field: 120, 0.5; never 1.2E+2, which `normalize` makes of it."""
    return "" if value is None else f"{value.normalize():f}"


def _text(value: Any) -> tuple[str, str]:
    return str(value), ""


def _quantity(value: Any) -> tuple[str, str]:
    return grouped(value, 0), "" if Decimal(str(value)) % 1 == 0 else str(value)


def _factor(value: Decimal) -> str:
    """All digits that count: 0.0825, 12.5, 1 000."""
    places = -int(value.normalize().as_tuple().exponent)
    return grouped(value, max(places, 0))


def _rate(value: Decimal) -> tuple[str, str]:
    """Four digits, so that a column lines up; all of them in the title."""
    return grouped(value, 4), "" if round(value, 4) == value else _factor(value)


def _date(value: dt.date) -> tuple[str, str]:
    return f"{value.day} {value:%b %Y}", value.isoformat()


def _time(value: dt.datetime) -> tuple[str, str]:
    local = timezone.localtime(value)
    return f"{local.day} {local:%b %Y %H:%M}", value.isoformat()


FORMATS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "number": lambda value: (grouped(value, 0 if isinstance(value, int) else 2), ""),
    "quantity": _quantity,
    "factor": lambda value: (_factor(Decimal(value)), ""),
    "rate": lambda value: _rate(Decimal(value)),
    "money": lambda value: (grouped(value, 2), ""),
    "percent": lambda value: (f"{grouped(Decimal(str(value)) * 100, 1)}{THIN}%", ""),
    "date": _date,
    "month": lambda value: (f"{value:%b %y}", value.isoformat()),
    "time": _time,
    "bool": lambda value: ("Yes" if value else "No", ""),
}
