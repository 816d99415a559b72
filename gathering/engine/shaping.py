"""Chunks of a foreign file → our fields as canonical texts, and every problem on the way."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gathering.datasets import Dataset, Field
from gathering.datasets.shape import CHOICE, DATE, INTEGER, MONTH, NUMBERS
from gathering.engine import problems as words
from gathering.engine.chunks import Chunk, with_surplus
from gathering.engine.columns import rules_for
from gathering.engine.dates import parse_dates, parse_months
from gathering.engine.joining import Second, join_chunk
from gathering.engine.numbers import add_up, parse_numbers
from gathering.engine.problems import Problem
from gathering.engine.profile import EMPTY_MARKERS, NUMBER_EMPTY_MARKERS, Filter, Profile, Rule
from gathering.engine.row_rules import broken_row_rules
from gathering.engine.validating import broken_rules

NUL_SHOWN = "␀"


@dataclass(frozen=True)
class Shaped:
    """A chunk by our fields: the good rows, and the rejected ones as they stood in the file."""

    rows: np.ndarray
    columns: dict[str, pa.Array]
    problems: list[Problem]
    rejected: list[tuple[int, list[str]]]
    skipped: Counter = field(default_factory=Counter)
    joins_missed: int = 0

    @property
    def read(self) -> int:
        """How many rows of the file went in: good, rejected and left out by the profile."""
        return len(self.rows) + len(self.rejected) + sum(self.skipped.values())


class Shaper:
    """Reads the chunks of one file. Raises FileFault when a column of the profile is not there."""

    def __init__(
        self,
        dataset: Dataset,
        profile: Profile,
        header: list[str],
        seconds: list[Second],
        delimiter: str = ",",
    ) -> None:
        self.glue = delimiter
        self.dataset, self.profile, self.header, self.seconds = dataset, profile, header, seconds
        self.rules = rules_for(dataset, profile, header, [second.names for second in seconds])
        self.own_columns = {rule.field: rule.columns[0] for rule in self.rules if rule.columns}

    def shape(self, chunk: Chunk) -> Shaped:
        """Filter, join, read and check one chunk."""
        found: list[Problem] = []
        if self.profile.surplus_into:
            chunk = with_surplus(chunk, self.header, self.profile.surplus_into, self.glue)
        rejected = list(self._ragged(chunk, found))
        rows, table, skipped = self._filtered(chunk)
        raw = table
        for second in self.seconds:
            table = join_chunk(table, second, rows, found)
        columns = {rule.field: self._read(rule, table, rows, found) for rule in self.rules}
        self._check(columns, rows, found)
        self._check_rows(columns, rows, found)
        bad = np.isin(rows, np.array([problem.row for problem in found], dtype=np.int64))
        rejected += self._as_they_stood(raw, rows, bad)
        keep = pa.array(~bad)
        good = {name: pc.filter(cells, keep) for name, cells in columns.items()} if bad.any() else columns
        return Shaped(rows[~bad], good, self._better_words(found, rejected), rejected, skipped)

    def _ragged(self, chunk: Chunk, found: list[Problem]) -> Iterator[tuple[int, list[str]]]:
        for item in chunk.ragged:
            problem, advice = words.ragged(len(item.cells), len(self.header))
            found.append(Problem(item.row, "", "", problem, advice))
            yield item.row, [cell.replace("\0", NUL_SHOWN) for cell in item.cells]

    def _filtered(self, chunk: Chunk) -> tuple[np.ndarray, pa.Table, Counter]:
        table, skipped = chunk.table, Counter[str]()
        keep = ~self._blank(table)
        for rule in self.profile.filters:
            stays = _stays(rule, table)
            lost = int((keep & ~stays).sum())
            skipped.update({_name_of(rule): lost} if lost else {})
            keep &= stays
        if keep.all():
            return chunk.rows, table, skipped
        return chunk.rows[keep], table.filter(pa.array(keep)), skipped

    def _blank(self, table: pa.Table) -> np.ndarray:
        """Rows without any text: the empty lines that nearly every export has somewhere."""
        blank = np.ones(table.num_rows, dtype=bool)
        for cells in table.columns:
            if not blank.any():
                break
            blank &= pc.equal(pc.utf8_trim_whitespace(cells), "").to_numpy()
        return blank

    def _read(self, rule: Rule, table: pa.Table, rows: np.ndarray, found: list[Problem]) -> pa.Array:
        ours = self.dataset.field(rule.field)
        if rule.constant is not None:
            parts = [pa.array([rule.constant] * len(rows), pa.string())]
        else:
            parts = [self._texts(ours, rule, table.column(name)) for name in rule.columns]
        if len(parts) > 1 and rule.combine != "sum":
            parts = [_joined(parts, rule.combine)]
        read = [self._typed(ours, rule, part, rows, found) for part in parts]
        cells = add_up(read) if len(read) > 1 else read[0]
        default = rule.default if rule.default is not None else ours.default
        return pc.fill_null(cells, default) if default else cells

    def _texts(self, ours: Field, rule: Rule, column: pa.ChunkedArray) -> pa.Array:
        """Trimmed texts of a column; empty markers and nothing at all become null."""
        cells = pc.utf8_trim_whitespace(column.combine_chunks())
        if isinstance(cells, pa.ChunkedArray):
            cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.array([], pa.string())
        if rule.values:
            cells = _mapped(cells, dict(rule.values))
        markers = NUMBER_EMPTY_MARKERS if ours.kind in NUMBERS else EMPTY_MARKERS
        empty = pc.is_in(cells, pa.array(["", *markers, *self.profile.empty]))
        return pc.if_else(empty, pa.scalar(None, pa.string()), cells)

    def _typed(
        self, ours: Field, rule: Rule, cells: pa.Array, rows: np.ndarray, found: list[Problem]
    ) -> pa.Array:
        formats = rule.formats or self.profile.date_formats
        if ours.kind in NUMBERS:
            read, bad = parse_numbers(cells, self.profile.decimal, rule.factor)
            if ours.kind == INTEGER:
                read, bad = _whole(read, bad)
        elif ours.kind == DATE:
            read, bad = parse_dates(cells, formats)
        elif ours.kind == MONTH:
            read, bad = parse_months(cells, formats, rule.year)
        elif ours.kind == CHOICE:
            return pc.replace_substring_regex(pc.utf8_lower(cells), r"[ -]+", "_")
        else:
            return cells
        self._unreadable(ours, cells, bad, rows, found)
        return read

    def _unreadable(
        self, ours: Field, cells: pa.Array, bad: np.ndarray, rows: np.ndarray, found: list[Problem]
    ) -> None:
        if not bad.any():
            return
        column = self.own_columns.get(ours.name, ours.name)
        for row, value in zip(rows[bad], pc.filter(cells, pa.array(bad)).to_pylist(), strict=True):
            problem, advice = words.unreadable(ours, value, self.profile.decimal)
            found.append(Problem(int(row), column, _short(value), problem, advice))

    def _check(self, columns: dict[str, pa.Array], rows: np.ndarray, found: list[Problem]) -> None:
        known = {(problem.row, problem.column) for problem in found}
        for position, name, check in broken_rules(self.dataset, columns):
            row, column = int(rows[position]), self.own_columns.get(name, name)
            if (row, column) not in known:
                problem, advice = words.broken_rule(self.dataset.field(name), check)
                value = columns[name][position].as_py() or ""
                found.append(Problem(row, column, _short(value), problem, advice))

    def _check_rows(self, columns: dict[str, pa.Array], rows: np.ndarray, found: list[Problem]) -> None:
        unread = {problem.row for problem in found}
        for broken, name, problem, advice in broken_row_rules(self.dataset, columns):
            if not broken.any():
                continue
            column = self.own_columns.get(name, name)
            values = columns[name] if name in columns else pa.nulls(len(rows), pa.string())
            for position in np.flatnonzero(broken):
                if int(rows[position]) not in unread:
                    value = values[position].as_py() or ""
                    found.append(Problem(int(rows[position]), column, _short(value), problem, advice))

    def _as_they_stood(self, raw: pa.Table, rows: np.ndarray, bad: np.ndarray) -> list[tuple[int, list[str]]]:
        if not bad.any():
            return []
        cells = raw.filter(pa.array(bad)).select(self.header).to_pydict()
        shown = zip(*cells.values(), strict=True)
        return [
            (int(row), [cell.replace("\0", NUL_SHOWN) for cell in line])
            for row, line in zip(rows[bad], shown, strict=True)
        ]

    def _better_words(self, found: list[Problem], rejected: list[tuple[int, list[str]]]) -> list[Problem]:
        """One sentence instead of many for rows that are no data: a repeated header, a total."""
        known = {}
        for row, cells in rejected:
            texts = [cell.strip() for cell in cells if cell.strip()]
            if [cell.strip() for cell in cells] == self.header:
                known[row] = words.HEADER_AGAIN
            elif texts and texts[0].lower().removeprefix("grand ").removeprefix("sub").startswith("total"):
                known[row] = words.TOTALS
        better = [problem for problem in found if problem.row not in known]
        return better + [Problem(row, "", "", *sentence) for row, sentence in known.items()]


def _whole(read: pa.Array, bad: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    whole = pc.replace_substring_regex(read, r"\.0+$", "")
    broken = pc.fill_null(pc.match_substring(whole, "."), False).to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(broken), pa.scalar(None, pa.string()), whole), bad | broken


def _joined(parts: list[pa.Array], separator: str) -> pa.Array:
    joined = pc.binary_join_element_wise(*parts, separator, null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _mapped(cells: pa.Array, values: dict[str, str]) -> pa.Array:
    theirs, ours = pa.array(list(values)), pa.array(list(values.values()))
    return pc.coalesce(ours.take(pc.index_in(cells, theirs)), cells)


def _stays(rule: Filter, table: pa.Table) -> np.ndarray:
    cells = pc.utf8_trim_whitespace(table.column(rule.column))
    if rule.is_empty:
        hit = pc.equal(cells, "")
    elif rule.starts_with:
        hit = pc.starts_with(cells, rule.starts_with)
    else:
        hit = pc.is_in(cells, pa.array(rule.values, pa.string()))
    return hit.to_numpy() == rule.keep


def _name_of(rule: Filter) -> str:
    verb = "keep" if rule.keep else "drop"
    what = "is empty" if rule.is_empty else f"is {', '.join(rule.values)}"
    return f"{verb}: {rule.column} {f'starts with {rule.starts_with}' if rule.starts_with else what}"


def _short(value: str) -> str:
    return value.replace("\0", NUL_SHOWN)[:200]
