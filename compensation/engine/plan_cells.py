"""Reading the mappings of a plan file: every wrong cell gets a sentence that says where and what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)
Made = TypeVar("Made")
MOST, LEAST = Decimal(10) ** 13, Decimal(10) ** -20


class BadPlan(ValueError):
    """What is wrong with a plan: a sentence for each place."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass
class Cells:
    """A mapping of a plan file, where it stands, and what was found wrong so far (shared by all)."""

    said: Mapping[str, Any]
    where: str
    faults: list[str]
    asked: set[str] = field(default_factory=set)

    def fault(self, key: str, sentence: str) -> None:
        """Keep a sentence about a setting, with the way to it."""
        place = f"{self.where}.{key}" if self.where and key else self.where or key
        self.faults.append(f"{place}: {sentence}")

    def has(self, key: str) -> bool:
        """Whether the setting is given; from then on it is known."""
        self.asked.add(key)
        return self.said.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A word or sentence; needed without a default."""
        if not self.has(key):
            if default is None:
                self.fault(key, "this is needed.")
            return default or ""
        value = self.said[key]
        if not isinstance(value, str | int | float):
            self.fault(key, "write a text.")
        return str(value).strip()

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one."""
        if not self.has(key):
            return ()
        value = self.said[key]
        return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)

    def number(self, key: str, default: Decimal | None = None) -> Decimal | None:
        """1234.5, "1,234.50" or "5%" (0.05)."""
        return number_of(self.said[key], self, key) if self.has(key) else default

    def needed(self, key: str) -> Decimal:
        """A number that must be there."""
        if not self.has(key):
            self.fault(key, "a number is needed.")
            return Decimal(0)
        return number_of(self.said[key], self, key)

    def whole(self, key: str, default: int | None = None) -> int | None:
        """A whole number; a fault where there are places behind the point."""
        value = self.number(key)
        if value is None:
            return default
        if value != int(value):
            self.fault(key, f"{value} is no whole number.")
        return int(value)

    def yes(self, key: str, default: bool = False) -> bool:
        """Whether it says yes (true); a fault for anything but yes and no."""
        if not self.has(key):
            return default
        if not isinstance(self.said[key], bool):
            self.fault(key, "write yes or no.")
        return bool(self.said[key])

    def choice(self, key: str, kind: type[Choice], default: Choice | None = None) -> Choice:
        """One of an enumeration, by its value; spaces and underscores are the same."""
        first = next(iter(kind))
        if not self.has(key):
            if default is None:
                self.fault(key, f"choose one of: {', '.join(kind)}.")
            return default or first
        said = str(self.said[key]).strip().lower()
        found = next((one for one in kind if _same(one) == _same(said)), None)
        if found is None:
            self.fault(key, f"“{said}” is unknown. Choose one of: {', '.join(kind)}.")
        return found or first

    def inside(self, key: str) -> "Cells | None":
        """A mapping below this one."""
        if not self.has(key):
            return None
        return self.below(self.said[key], key)

    def each(self, key: str, make: Callable[["Cells"], Made]) -> tuple[Made, ...]:
        """What `make` makes of each mapping of a list (or of one mapping)."""
        if not self.has(key):
            return ()
        rows = self.said[key]
        if not isinstance(rows, list):
            rows = [rows]
        return tuple(make(self.below(row, f"{key}[{place}]")) for place, row in enumerate(rows, 1))

    def below(self, said: Any, key: str) -> "Cells":
        """What was said under a name, with its faults told by their full path."""
        where = f"{self.where}.{key}" if self.where else key
        if not isinstance(said, Mapping):
            self.faults.append(f"{where}: write it as names and values.")
            said = {}
        return Cells(said, where, self.faults)

    def nothing_else(self) -> None:
        """Names that nobody asked for are misspelt: say so."""
        for key in self.said:
            if key not in self.asked:
                near = get_close_matches(str(key), self.asked, 1)
                hint = (
                    f" Do you mean {near[0]}?" if near else f" Known here: {', '.join(sorted(self.asked))}."
                )
                self.fault(str(key), f"this is unknown.{hint}")


def number_of(value: Any, cells: Cells, key: str) -> Decimal:
    """A number or a percentage; notes a fault and answers 0 otherwise."""
    text = str(value).strip().replace(",", "") if not isinstance(value, bool) else "yes or no"
    try:
        number = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        cells.fault(key, f"“{value}” is no number. Write 1234.5 or 5%.")
        return Decimal(0)
    if number and not LEAST <= abs(number) < MOST:
        far = "large" if abs(number) >= MOST else "small"
        cells.fault(key, f"“{text[:40]}” is too {far}. Numbers of a plan are below {MOST:,.0f}.")
        return Decimal(0)
    return number


def _same(text: str) -> str:
    return text.replace("_", " ").replace("-", " ")
