"""Trying a profile on a file: its first rows as they would be read. Nothing is stored."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Named
from dataclasses import dataclass
from typing import IO

from core.access import require
from core.errors import Invalid, Reason
from core.models import Person
from gathering.datasets import DATASETS, Dataset
from gathering.datasets.shape import NUMBERS
from gathering.engine.chunks import Chunk
from gathering.engine.faults import FileFault, ProfileFault
from gathering.engine.joining import Second, load_second
from gathering.engine.opening import open_rows
from gathering.engine.problems import Problem
from gathering.engine.profile import Profile
from gathering.engine.profile_text import parse_profile
from gathering.engine.shaping import Shaped, Shaper


@dataclass(frozen=True)
class TriedField:
    """A column of the trial."""

    name: str
    label: str
    numeric: bool


@dataclass(frozen=True)
class TriedCell:
    """A cell as it would be read; numbers stand at the right."""

    text: str
    numeric: bool


@dataclass(frozen=True)
class TriedRow:
    """A row of the file with its number there."""

    number: int
    cells: tuple[TriedCell, ...]


@dataclass(frozen=True)
class Trial:
    """The first good rows by our fields, and every problem of the rows that were looked at."""

    fields: tuple[TriedField, ...]
    rows: tuple[TriedRow, ...]
    problems: tuple[Problem, ...]


def try_profile(
    *, actor: Person | None, files: Named[str, IO[bytes]], dataset: str, definition: str, limit: int = 20
) -> Trial:
    """Read the first `limit` rows as the definition says. Raises Invalid with every mistake of the
    definition, or with what is wrong with the files."""
    require(actor, "profiles.manage")
    found = DATASETS[dataset]
    profile = _parsed(definition, found)
    try:
        return _tried(found, profile, files, limit)
    except FileFault as fault:
        raise Invalid(Reason(str(fault), field="trial_files")) from fault


def _parsed(definition: str, dataset: Dataset) -> Profile:
    try:
        return parse_profile(definition, dataset)
    except ProfileFault as fault:
        raise Invalid(*(Reason(sentence, field="definition") for sentence in fault.mistakes)) from fault


def _tried(dataset: Dataset, profile: Profile, files: Named[str, IO[bytes]], limit: int) -> Trial:
    joined = {join.file for join in profile.joins}
    main = [name for name in files if name not in joined]
    absent = sorted(joined - set(files))
    if len(main) != 1 or absent:
        also = f", and with it {', '.join(absent)}" if absent else ""
        raise FileFault(f"Choose one file to try the profile on{also}.")
    opened = open_rows(files[main[0]], profile)
    seconds: list[Second] = [load_second(files[join.file], join) for join in profile.joins]
    shaper = Shaper(dataset, profile, opened.header, seconds)
    parts = [_shown(dataset, shaper.shape(head)) for head in _heads(opened.chunks, limit)]
    problems = sorted((one for part in parts for one in part.problems), key=lambda problem: problem.row)
    return Trial(
        parts[0].fields if parts else (), tuple(row for part in parts for row in part.rows), tuple(problems)
    )


def _heads(chunks: Iterable[Chunk], limit: int) -> Iterator[Chunk]:
    """The chunks that hold the first `limit` rows; ragged rows at the end come in one of their own."""
    left = limit
    for chunk in chunks:
        yield _head(chunk, left)
        left -= len(chunk.rows)
        if left <= 0:
            return


def _head(chunk: Chunk, limit: int) -> Chunk:
    rows = chunk.rows[:limit]
    is_whole = len(rows) == len(chunk.rows)
    ragged = [item for item in chunk.ragged if is_whole or item.row <= rows[-1]][:limit]
    return Chunk(rows, chunk.table.slice(0, limit), ragged)


def _shown(dataset: Dataset, shaped: Shaped) -> Trial:
    names = [name for name in dataset.names if name in shaped.columns]
    fields = tuple(
        TriedField(name, dataset.field(name).label, dataset.field(name).kind in NUMBERS) for name in names
    )
    columns = [shaped.columns[field.name].to_pylist() for field in fields]
    rows = tuple(
        TriedRow(
            int(number),
            tuple(TriedCell(text or "", field.numeric) for text, field in zip(line, fields, strict=True)),
        )
        for number, line in zip(shaped.rows, zip(*columns, strict=True), strict=True)
    )
    return Trial(fields, rows, tuple(shaped.problems))
