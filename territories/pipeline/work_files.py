"""Files of accounts' work and of reps' bases → rows. All rows are good, or nothing is stored."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from core.models import Revised
from territories.models import AccountWork, RepBase
from territories.pipeline.tables import Faults, Row, Table, table_of

BATCH = 2000
Reader = Callable[[Row, str], Any]


@dataclass(frozen=True)
class WorkFile:
    """What a file may hold: `key` names whom a row is about, `columns` how each other column is read."""

    model: type[Revised]
    key: str
    columns: Mapping[str, Reader]


@dataclass(frozen=True)
class Stored:
    """What came of a file's rows."""

    added: int
    changed: int
    unchanged: int


def _number(row: Row, column: str, *, least: float, most: float, whole: bool = False) -> float | None:
    """A number or None for an empty cell; notes what is out of range."""
    if not row.text(column):
        return None
    value = row.number(column, least=least)
    if value > most:
        row.fault(f"{column} is {row.text(column)}; it must be {most:g} or less.")
    if whole and value != math.floor(value):
        row.fault(f"{column} is {row.text(column)}; write a whole number.")
    return value


def _degrees(most: float) -> Reader:
    return lambda row, column: _number(row, column, least=-most, most=most)


def _decimal(most: float, places: int, default: str | None = None, least: float = 0.0) -> Reader:
    def read(row: Row, column: str) -> Decimal | None:
        value = _number(row, column, least=least, most=most)
        return (
            (Decimal(default) if default else None) if value is None else round(Decimal(str(value)), places)
        )

    return read


def _whole(most: int, default: int | None = None) -> Reader:
    def read(row: Row, column: str) -> int | None:
        value = _number(row, column, least=0, most=most, whole=True)
        return default if value is None else int(value)

    return read


def _several(row: Row, column: str) -> list[str]:
    words = sorted({word.lower() for word in row.several(column)})
    if long := [word for word in words if len(word) > 60]:
        row.fault(f"{column} has “{long[0]}”; use 60 characters at most for each.")
    return words


PLACE: dict[str, Reader] = {"latitude": _degrees(90), "longitude": _degrees(180)}
ACCOUNT_WORK = WorkFile(
    AccountWork,
    "account",
    PLACE
    | {
        "potential": _decimal(10**13, 4),
        "calls_a_year": _whole(32_767, 12),
        "hours_a_call": _decimal(999, 2, "1"),
        "needs": _several,
    },
)
REP_BASES = WorkFile(
    RepBase,
    "rep",
    PLACE
    | {
        "share": _decimal(99, 2, "1", least=0.01),
        "most_accounts": _whole(2_147_483_647),
        "hours_a_year": _decimal(99_999, 1),
        "skills": _several,
    },
)


def read_work(kind: WorkFile, name: str, data: bytes, known: Mapping[str, int]) -> dict[int, dict[str, Any]]:
    """What the file says: primary key of the account or rep → values by column. `known`: code → primary
    key of those that the person may see. Raises BadTable with a sentence for every bad row."""
    faults = Faults()
    table = table_of(name, data, faults)
    table.need(kind.key)
    if table.has("latitude") != table.has("longitude"):
        table.need("latitude", "longitude")
    given = _given(kind, table)
    found: dict[int, dict[str, Any]] = {}
    for code, row in table.keyed(kind.key).items():
        values = {column: kind.columns[column](row, column) for column in given}
        if (values.get("latitude") is None) != (values.get("longitude") is None):
            row.fault("give both latitude and longitude, or neither.")
        if code in known:
            found[known[code]] = values
        else:
            row.fault(f"{kind.key} {code} is not among those that you may see. Add it, or correct the code.")
    faults.raise_any()
    return found


def store_work(kind: WorkFile, said: Mapping[int, dict[str, Any]]) -> Stored:
    """Store what differs: new rows are added, others changed in the columns that the file has."""
    rows = kind.model._default_manager.select_for_update().filter(**{f"{kind.key}__in": said})
    there: dict[int, Any] = {getattr(row, f"{kind.key}_id"): row for row in rows}
    model: Any = kind.model
    new = [model(**{f"{kind.key}_id": key}, **said[key]) for key in said if key not in there]
    changed = [row for key, row in there.items() if _differs(row, said[key])]
    for row in changed:
        for column, value in said[getattr(row, f"{kind.key}_id")].items():
            setattr(row, column, value)
        row.revision = models.F("revision") + 1
    model._default_manager.bulk_create(new, batch_size=BATCH)
    columns = sorted({column for values in said.values() for column in values})
    model._default_manager.bulk_update(changed, [*columns, "revision"], batch_size=BATCH)
    return Stored(len(new), len(changed), len(there) - len(changed))


def _given(kind: WorkFile, table: Table) -> list[str]:
    """The columns of ours that the file has; the others it may keep."""
    given = [column for column in kind.columns if table.has(column)]
    if not given:
        table.need(next(iter(kind.columns)))
    return given


def _differs(row: Any, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, column) != value for column, value in values.items())
