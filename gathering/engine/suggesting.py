"""Guessing, for a person to confirm, how a foreign file reads."""

from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

import yaml

from gathering.datasets import Dataset, Field
from gathering.datasets.shape import DATE, MONTH, NUMBERS
from gathering.engine.columns import plain
from gathering.engine.dates import is_ambiguous
from gathering.engine.numbers import canonical
from gathering.engine.opening import Opened, open_rows
from gathering.engine.profile import Profile

ROWS, SHOWN = 200, 5
DELIMITER_NAMES = {"\t": "tab"}


@dataclass(frozen=True)
class Column:
    """A column of the file: its header, a few values, and the field it seems to be ('' = none)."""

    header: str
    samples: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True)
class Question:
    """Something the file does not tell. `key` is the profile's key, `choices` its possible values."""

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Suggestion:
    """`definition` is YAML; `missing` names the required fields that no column seems to be."""

    definition: str
    columns: tuple[Column, ...]
    questions: tuple[Question, ...] = ()
    missing: tuple[str, ...] = field(default=())


def suggest(file: IO[bytes], dataset: Dataset) -> Suggestion:
    """Match the file's columns by name and find what only a person can answer. Raises FileFault."""
    opened = open_rows(file, Profile())
    values = _values(opened)
    matched = match_columns(opened.header, dataset)
    columns = tuple(
        Column(name, tuple(values[name][:SHOWN]), matched.get(name, "")) for name in opened.header
    )
    taken = set(matched.values())
    missing = tuple(f.name for f in dataset.fields if f.required and not f.default and f.name not in taken)
    return Suggestion(_definition(opened, matched), columns, _questions(dataset, matched, values), missing)


def match_columns(header: list[str], dataset: Dataset) -> dict[str, str]:
    """Their column → our field, by our name, our label and the names that others use."""
    matched: dict[str, str] = {}
    for rank in range(3):
        for ours in dataset.fields:
            names = {plain(name) for name in _names(ours)[rank]}
            free = [name for name in header if name not in matched and plain(name) in names]
            if free and ours.name not in matched.values():
                matched[free[0]] = ours.name
    return matched


def _names(ours: Field) -> tuple[tuple[str, ...], ...]:
    return (ours.name,), (ours.label,), ours.aliases


def _values(opened: Opened) -> dict[str, list[str]]:
    chunk = next(iter(islice(opened.chunks, 1)), None)
    if chunk is None:
        return {name: [] for name in opened.header}
    head = chunk.table.slice(0, ROWS).to_pydict()
    return {name: [cell.strip() for cell in cells if cell.strip()] for name, cells in head.items()}


def _definition(opened: Opened, matched: dict[str, str]) -> str:
    raw: dict[str, Any] = {
        "delimiter": DELIMITER_NAMES.get(opened.delimiter, opened.delimiter),
        "encoding": "utf-8" if opened.encoding == "utf-8-sig" else opened.encoding,
        "header_row": opened.header_row,
        "columns": {ours: theirs for theirs, ours in matched.items()},
    }
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True)


def _questions(
    dataset: Dataset, matched: dict[str, str], values: dict[str, list[str]]
) -> tuple[Question, ...]:
    found = []
    days = [
        v for theirs, ours in matched.items() if _kind(dataset, ours) in {DATE, MONTH} for v in values[theirs]
    ]
    unclear = [value for value in days if is_ambiguous(value)]
    if unclear:
        text = f"Is “{unclear[0]}” written day first or month first?"
        found.append(
            Question("date_format", text, (("DMY", "Day first (31/12)"), ("MDY", "Month first (12/31)")))
        )
    numbers = [
        v for theirs, ours in matched.items() if _kind(dataset, ours) in NUMBERS for v in values[theirs]
    ]
    odd = [value for value in numbers if "," in value and canonical(value, ",")]
    if odd:
        text = f"What does the comma in “{odd[0]}” mean?"
        found.append(
            Question("decimal", text, ((".", "It parts thousands"), (",", "It is the decimal sign")))
        )
    return tuple(found)


def _kind(dataset: Dataset, name: str) -> str:
    return dataset.field(name).kind
