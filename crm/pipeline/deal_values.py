"""A deal's fields: from the text that a CRM sends to what stands in the columns."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from catalog.models import Product
from core import company
from crm.engine.unfit import Unfit
from crm.engine.webhooks.arriving import Unreadable
from crm.engine.webhooks.events import Event
from crm.engine.webhooks.values import time_of
from crm.models import ForecastCategory, ValueKind
from crm.pipeline.decoding import values_of
from crm.pipeline.names import Names
from crm.pipeline.settling import Settled

REFERENCES = {
    "stage": ("stage", ValueKind.STAGE),
    "owner": ("rep", ValueKind.OWNER),
    "account": ("account", ValueKind.ACCOUNT),
    "product": ("product", ValueKind.PRODUCT),
    "currency": ("currency", ValueKind.CURRENCY),
}
TEXTS = {"name": 250, "pipeline": 80, "next_step": 500, "lost_reason": 200}
LINES = "lines"
DAYS = ("created", "expected_close", "closed")
MOST_MONEY = Decimal(10) ** 14
DAY_LENGTH = len("2026-01-31")


@dataclass(frozen=True)
class Decoded:
    """An event about a deal with what its fields are here: column → value."""

    event: Event
    values: dict[str, Any] = field(default_factory=dict)


def names_for(source: str, events: Sequence[Event]) -> Names:
    """The names of everything the events refer to."""
    wanted: dict[str, set[str]] = {kind: set() for _, kind in REFERENCES.values()}
    for event in events:
        for name, (_, kind) in REFERENCES.items():
            if event.fields.get(name):
                wanted[kind].add(event.fields[name])
        wanted[ValueKind.PRODUCT].update(line["product"] for line in lines_of(event.fields.get(LINES, "")))
    return Names(source, wanted)


def lines_of(text: str) -> list[dict[str, str]]:
    """The products of a deal as `crm.engine.webhooks.values.lines_text` wrote them."""
    return json.loads(text) if text else []


def decode(event: Event, names: Names) -> Decoded | Settled:
    """The event with its values, or why it cannot be applied now."""
    known = {name: event.fields[name] for name in event.fields if name in FIELDS}
    values = values_of(event, known, lambda name, text: FIELDS[name](name, text, names))
    if isinstance(values, Settled):
        return values
    return Decoded(event, {COLUMNS[name]: value for name, value in values.items()})


def _reference(name: str, text: str, names: Names) -> Any:
    return names.find(REFERENCES[name][1], text)


def _text(name: str, text: str, names: Names) -> str:
    return text.strip()[: TEXTS[name]]


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise Unfit(f"{name} is {text[:40]!r}, which is not a number.") from error
    if not number.is_finite() or abs(number) >= MOST_MONEY:
        raise Unfit(f"{name} is {text[:40]!r}, which is out of any sensible range.")
    return number


def _money(name: str, text: str, names: Names) -> Decimal | None:
    return _number(name, text).quantize(Decimal("0.0001")) if text.strip() else None


def _share(name: str, text: str, names: Names) -> Decimal | None:
    """CRMs send 0.4 or 40 for the same chance: above 1 it is a percentage."""
    if not text.strip():
        return None
    number = _number(name, text)
    share = number / 100 if number > 1 else number
    if not 0 <= share <= 1:
        raise Unfit(f"{name} is {text[:40]!r}, which is no share between 0 and 100 %.")
    return share.quantize(Decimal("0.0001"))


def day_of(text: str) -> dt.date | None:
    """A day as it is, a moment as its day in the company's time zone. Raises ValueError or Unreadable."""
    if not text.strip():
        return None
    if len(text.strip()) == DAY_LENGTH:
        return dt.date.fromisoformat(text.strip())
    return time_of(text.strip()).astimezone(ZoneInfo(company.value("time_zone"))).date()


def _day(name: str, text: str, names: Names) -> dt.date | None:
    try:
        return day_of(text)
    except (Unreadable, ValueError) as error:
        raise Unfit(f"{name} is {text[:40]!r}, which is not a day.") from error


@dataclass(frozen=True)
class Line:
    """A product of a deal: quantity in the product's unit, amount in the deal's currency."""

    product: Product | None
    text: str
    quantity: Decimal
    amount: Decimal


def _lines(name: str, text: str, names: Names) -> list[Line]:
    return [_line(line, names) for line in lines_of(text)]


def _line(line: dict[str, str], names: Names) -> Line:
    quantity = _number("quantity", line["quantity"])
    amount = line["amount"] or str(_number("unit_price", line["unit_price"] or "0") * quantity)
    product = names.find(ValueKind.PRODUCT, line["product"])
    return Line(product, line["text"][:250], quantity, _number("amount", amount))


def _category(name: str, text: str, names: Names) -> str:
    wanted = text.strip().casefold()
    for value, label in ForecastCategory.choices:
        if wanted in (value, str(label).casefold(), ""):
            return value if wanted else ""
    raise Unfit(f"{name} is {text[:40]!r}; use one of {', '.join(ForecastCategory.values)}.")


Reader = Callable[[str, str, Names], Any]
FIELDS: dict[str, Reader] = {
    **dict.fromkeys(REFERENCES, _reference),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(DAYS, _day),
    "amount": _money,
    "probability": _share,
    "category": _category,
    LINES: _lines,
}
COLUMNS = {name: REFERENCES[name][0] if name in REFERENCES else name for name in FIELDS}
