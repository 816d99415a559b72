"""The fields that conditions of rules ask about, what each can be asked, and how values are read.

Texts are compared without regard to capitals and outer spaces. Postcodes are compared by their runs of
letters and of digits, a run of digits by its length and then its digits: 9500 lies before 10000, SW2 between
SW1 and SW19, and 10117-2345 between 10000 and 19999, since a bound only counts as many runs as it has.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

UNARY = ("empty", "not empty")
SEVERAL = ("is", "is not", "one of", "none of")
TEXT_OPS = (*SEVERAL, "starts with", *UNARY)
POSTCODE_OPS = (*SEVERAL, "between", "starts with", *UNARY)
NUMBER_OPS = ("is", "is not", "at least", "at most", "between", *UNARY)
TAG_OPS = (*SEVERAL, *UNARY)
RUNS = re.compile(r"\d+|[^\W\d_]+")
Key = tuple[tuple[int, int, str], ...]


def folded(text: str) -> str:
    """Without regard to capitals and to outer or repeated spaces."""
    return " ".join(text.split()).casefold()


def packed(postcode: str) -> str:
    """A postcode in capitals without spaces and hyphens: what “starts with” and “is” compare."""
    return "".join(RUNS.findall(postcode)).upper()


def postcode_key(postcode: str) -> Key:
    """What postcodes are ordered by: runs of letters and of digits (length, then digits)."""
    runs = RUNS.findall(postcode.upper())
    return tuple((0, len(run), run) if run.isdecimal() else (1, 0, run) for run in runs)


def read_text(value: Any) -> str:
    """A text with single spaces. Raises ValueError with what was wanted."""
    if isinstance(value, bool | float) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError("a text")
    if len(str(value)) > 200:
        raise ValueError("a text of at most 200 characters")
    return " ".join(str(value).split())


def read_postcode(value: Any) -> str:
    """A postcode in upper case. Raises ValueError with what was wanted."""
    text = read_text(value).upper()
    if not packed(text):
        raise ValueError("a postcode of letters and digits")
    return text


def read_number(value: Any) -> float:
    """Numbers are typed as 12000, 12,000 or 12 000."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a number")
    try:
        number = float(value.replace(",", "").replace(" ", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError) as error:
        raise ValueError("a number") from error
    if not abs(number) < 1e15:
        raise ValueError("a number")
    return number


def show_number(value: Any) -> str:
    """A number as sentences write it: 1,500 or 0.25."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


@dataclass(frozen=True)
class Field:
    """Something a condition may ask about. `kind`: text, postcode, number, or tag (codes of other rows, of
    which an account has none, one or several)."""

    name: str
    label: str
    kind: str
    ops: tuple[str, ...]
    read: Callable[[Any], Any] = read_text
    show: Callable[[Any], str] = str
    help: str = ""
    bought: bool = False

    def key_of(self, value: Any) -> Any:
        """What two bounds are ordered by."""
        return postcode_key(value) if self.kind == "postcode" else value


def _text(name: str, label: str) -> Field:
    return Field(name, label, "text", TEXT_OPS)


def _number(name: str, label: str) -> Field:
    return Field(name, label, "number", NUMBER_OPS, read_number, show_number)


def _tag(name: str, label: str, help: str, *, bought: bool = False, ops: tuple[str, ...] = TAG_OPS) -> Field:
    return Field(name, label, "tag", ops, help=help, bought=bought)


_ALL = (
    _text("country", "country"),
    _text("region", "region"),
    _text("city", "city"),
    Field("postcode", "postcode", "postcode", POSTCODE_OPS, read_postcode),
    _text("industry", "industry"),
    _text("name", "name"),
    _number("employees", "number of employees"),
    _number("potential", "potential a year"),
    _tag("market", "market", "Codes of markets; those below count too."),
    _tag("account", "account", "Codes of accounts: a named list.", ops=SEVERAL),
    _tag("parent", "company or one above it", "Codes of accounts; they and all below them."),
    _tag("owner", "rep in the CRM", "Codes of reps."),
    _tag("team", "team of the rep in the CRM", "Codes of teams, by today’s members."),
    _tag("product", "product bought", "Codes of products, on order lines or won deals.", bought=True),
    _tag("family", "family bought", "Codes of families; those below count too.", bought=True),
)
FIELDS = {field.name: field for field in _ALL}
