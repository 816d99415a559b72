"""Where a number comes from: one shape, one address, answered by the room that made the number.

Each room has an `explain` module that calls `register` for its kinds of number; core finds it at
start. A number is asked by its kind and a key of ids and months joined by "_", such as
/explain/demand/7_431_2026-01/.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.http import Http404

from core.access import require
from core.models import Person
from core.roles import can

MONTH = re.compile(r"\d{4}-\d{2}")
LARGEST_ID = 2**63 - 1
SHOWN_PARTS = 10


@dataclass(frozen=True)
class Fact:
    """Something to know about a number that is not added up in it: its method, who wrote it, why.

    `number` is another number that it was made with, written as pages write it; `text` says more.
    """

    label: str
    text: str
    url: str = ""
    number: str = ""


@dataclass(frozen=True)
class Explanation:
    """A number, how it was made, and the numbers it was made from, each explained the same way.

    `unit` is what it counts; `kind` says how it is written (core.formats). `formula` says in words
    how `parts` become `value`. `source` is the page where the number is kept, and `asked` the
    address of the number's own explanation, where it has one.
    """

    label: str
    value: float | Decimal | int | None
    unit: str = ""
    kind: str = "quantity"
    formula: str = ""
    parts: tuple["Explanation", ...] = ()
    source: Fact | None = None
    facts: tuple[Fact, ...] = ()
    asked: str = ""


Read = Callable[..., Explanation]


@dataclass(frozen=True)
class Kind:
    """A kind of number: what its key is made of, the action that shows it, and how it is read."""

    name: str
    key: tuple[str, ...]
    action: str
    read: Read


_registered: dict[str, Kind] = {}


def register(name: str, *key: str, action: str) -> Callable[[Read], Read]:
    """Make a function the explainer of a kind of number. It is called with the person and the
    parts of the key as text, and raises Http404 for a number that the person may not see."""

    def keep(read: Read) -> Read:
        _registered[name] = Kind(name, key, action, read)
        return read

    return keep


def kinds() -> dict[str, Kind]:
    """Everything registered, by the name in the address."""
    return dict(_registered)


def explain(person: Person, kind: str, key: str) -> Explanation:
    """The explanation of a number. Raises Denied, and Http404 for what is not there."""
    found = _registered.get(kind)
    if found is None:
        raise Http404(f"No number of the kind {kind!r} can be explained.")
    require(person, found.action)
    parts = key.split("_")
    if len(parts) != len(found.key):
        wanted = "_".join(found.key)
        raise Http404(f"{key!r} is not the key of such a number: it is {wanted}.")
    explained = found.read(person, *parts)
    return replace(explained, asked=explained.asked or address(kind, key))


def part(person: Person, kind: str, *key: Any, instead: Explanation) -> Explanation:
    """A number that another one is made from, explained as far as the person may see it.

    `instead` is what the number above says about it: label, value and unit. It stands alone where
    the rest is not there or not for this person.
    """
    if not can(person, _registered[kind].action):
        return replace(instead, formula="Your role does not show how this number was made.")
    try:
        found = explain(person, kind, key_of(*key))
    except Http404:
        return instead
    return replace(found, label=instead.label, value=instead.value, unit=instead.unit)


def pointer(person: Person, kind: str, *key: Any, to: Explanation) -> Explanation:
    """The number with the address that explains it, read only when somebody asks."""
    return replace(to, asked=address(kind, *key)) if can(person, _registered[kind].action) else to


def key_of(*parts: Any) -> str:
    """Rows by their id, months as 2026-01, None as "all", joined by "_"."""
    return "_".join(_plain(one) for one in parts)


def address(kind: str, *parts: Any) -> str:
    """Where a number is explained: `address("demand", version, unit, month)`.

    Written out, not reversed: a list has hundreds. A test holds it to core.urls.
    """
    return f"/explain/{kind}/{key_of(*parts)}/"


def number(text: str) -> int:
    """An id out of a key. Raises Http404."""
    if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
        return int(text)
    raise Http404(f"{text!r} is not an id.")


def month(text: str) -> dt.date:
    """A month out of a key. Raises Http404."""
    try:
        return dt.date.fromisoformat(f"{text}-01" if MONTH.fullmatch(text) else "")
    except ValueError as error:
        raise Http404(f"{text!r} is not a month such as 2026-01.") from error


def found(row: Any, what: str) -> Any:
    """The row, or Http404 where the selector found none."""
    if row is None:
        raise Http404(f"There is no such {what}, or you may not see it.")
    return row


def largest(parts: Iterable[Explanation], shown: int = SHOWN_PARTS) -> tuple[Explanation, ...]:
    """The parts that matter most, and one line for all the others, so that the sum still holds."""
    ranked = sorted(parts, key=lambda one: (-abs(float(one.value or 0)), one.label))
    rest = ranked[shown:]
    if not rest:
        return tuple(ranked)
    total = sum(float(one.value or 0) for one in rest)
    others = Explanation(f"{len(rest)} others", total, rest[0].unit, rest[0].kind)
    return (*ranked[:shown], others)


def _plain(part: Any) -> str:
    if part is None:
        return "all"
    if isinstance(part, Model):
        return str(part.pk)
    return f"{part:%Y-%m}" if isinstance(part, dt.date) else str(part)
