"""The shape of a dataset and of its fields."""

from dataclasses import dataclass

TEXT, CODE, INTEGER, QUANTITY, MONEY, RATE = "text", "code", "integer", "quantity", "money", "rate"
DATE, MONTH, CHOICE, LOOKUP, NAMES = "date", "month", "choice", "lookup", "names"
NUMBERS = frozenset({INTEGER, QUANTITY, MONEY, RATE})

LIFE_CYCLES = ("planned", "launch", "active", "phase_out", "discontinued")
MARKET_KINDS = ("region", "country", "channel")
SITE_KINDS = ("plant", "warehouse", "supplier")
LINE_KINDS = ("sale", "return")
STAGE_KINDS = ("open", "won", "lost")
DEAL_CATEGORIES = ("pipeline", "best_case", "commit", "closed", "omitted")
PAPER_KINDS = ("quote", "contract", "order", "invoice")
PAPER_STATES = (
    *("draft", "approval", "approved", "sent", "signed", "invoiced", "paid", "declined", "cancelled"),
)
LEAD_STATES = ("new", "working", "qualified", "converted", "disqualified")
NOTE_KINDS = ("competitor", "regulation", "economy", "customer", "supply", "other")


@dataclass(frozen=True)
class Field:
    """One column of a dataset. `names` is a list of looked-up names, separated by semicolons."""

    name: str
    label: str
    kind: str = TEXT
    required: bool = False
    lookup: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    help: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200


@dataclass(frozen=True)
class Dataset:
    """What the rows of a file are. `key` names the fields by which a later file finds a row again.

    `target` is the table they end in; `group` is masters, deals, facts or notes; `money` is the field
    whose sum ranks unknown names, `day` the field whose range the preview shows. Rules of a whole row:
    at least one of `either`, at most one of `only_one` is filled, `ordered` days do not run backwards,
    `different` fields differ.
    """

    code: str
    label: str
    what: str
    group: str
    target: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    action: str = "imports.run"
    money: str = ""
    quantity: str = ""
    cost: str = ""
    day: str = ""
    either: tuple[tuple[str, ...], ...] = ()
    only_one: tuple[tuple[str, ...], ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    different: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        return next(iter(f for f in self.fields if f.name == name), None) or _unknown(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def lookups(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.lookup)


def _unknown(name: str) -> Field:
    raise KeyError(name)
