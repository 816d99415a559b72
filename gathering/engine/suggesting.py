"""Guessing, for a person to confirm, how a foreign file reads."""

from dataclasses import dataclass, field


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
