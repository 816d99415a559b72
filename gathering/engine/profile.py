"""How a foreign file reads, as data. docs/files.md explains every key; profile_text parses the YAML."""

from dataclasses import dataclass
from decimal import Decimal

AUTO = "auto"
EMPTY_MARKERS = ("-", "--", "—", "N/A", "n/a", "#N/A", "NULL", "null", "(blank)")
NUMBER_EMPTY_MARKERS = (*EMPTY_MARKERS, "NA", "na", "nan", "NaN")


@dataclass(frozen=True)
class Rule:
    """Where one of our fields comes from: their column(s), or a constant, and how to read the cell."""

    field: str
    columns: tuple[str, ...] = ()
    combine: str = ""
    formats: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    factor: Decimal | None = None
    constant: str | None = None
    default: str | None = None
    year: int | None = None
    is_optional: bool = False


@dataclass(frozen=True)
class Join:
    """A second file whose columns are added to each row: rows meet where `on` is equal."""

    file: str
    on: tuple[str, str]
    columns: tuple[str, ...]
    prefix: str = ""
    delimiter: str = AUTO
    encoding: str = AUTO
    is_required: bool = True


@dataclass(frozen=True)
class Filter:
    """Rows to keep or to drop, by the text of one of their columns."""

    keep: bool
    column: str
    values: tuple[str, ...] = ()
    starts_with: str = ""
    is_empty: bool = False


@dataclass(frozen=True)
class Profile:
    """Everything that is said about a file; what is not said is sniffed (AUTO) or the default."""

    delimiter: str = AUTO
    encoding: str = AUTO
    sheet: str = ""
    header_row: int | None = None
    header: tuple[str, ...] = ()
    quote: str = '"'
    decimal: str = "."
    date_formats: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    joins: tuple[Join, ...] = ()
    filters: tuple[Filter, ...] = ()
    surplus_into: str = ""
    duplicates: str = "refuse"
    guarded: bool = False
    source: str = ""

    @property
    def named(self) -> set[str]:
        """The columns that the file itself must have."""
        if self.joins:  # theirs and the second files' cannot be told apart
            return set()
        return {name for rule in self.rules if not rule.is_optional for name in rule.columns}
