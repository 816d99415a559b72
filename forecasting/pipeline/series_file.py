"""A CSV file of series ↔ the engine: unique_id,ds,y in, unique_id,ds,mean,lo-80,…,model out."""

import csv
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from forecasting.engine import Forecast, Panel
from forecasting.engine.panel import Floats
from forecasting.engine.periods import Frequency, Habit, Moment, habit_of, moment_of, number_of, text_of

NAMES = ("unique_id", "ds", "y")
OUT = ["unique_id", "ds", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "model"]
MOST_YEARS = 100  # a longer span is a mistyped date
MOST_NAMED = 20
Row = tuple[int, str, Moment, float]


class SeriesFault(Exception):
    """What is wrong with a file of series, one sentence for each row with its line."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Series:
    """One series: its name, the number of its newest period, and its values up to it, NaN where one
    is missing."""

    name: str
    last: int
    values: Floats


@dataclass(frozen=True)
class SeriesFile:
    """All series of a file, in the order of their first lines, and how the file writes periods."""

    series: list[Series]
    frequency: Frequency
    habit: Habit

    def panel(self) -> Panel:
        """The series side by side, each ending in the last row, whatever its last period is."""
        longest = max(len(one.values) for one in self.series)
        values = np.full((longest, len(self.series)), np.nan)
        for column, one in enumerate(self.series):
            values[longest - len(one.values) :, column] = one.values
        return Panel(tuple(one.name for one in self.series), values, self.frequency.season_length)

    def lines(self, result: Forecast) -> list[str]:
        """The lines of the file that is written, its head first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(OUT)
        parts = (result.mean, result.lower[80], result.upper[80], result.lower[95], result.upper[95])
        for column, one in enumerate(self.series):
            for ahead in range(len(result.mean)):
                numbers = [f"{part[ahead, column]:.10g}" for part in parts]
                when = text_of(one.last + ahead + 1, self.frequency, self.habit)
                writer.writerow([one.name, when, *numbers, result.methods[column]])
        return text.getvalue().splitlines(keepends=True)


def read_series(path: Path, frequency: Frequency = Frequency.MONTH) -> SeriesFile:
    """Read a file. Raises SeriesFault with every bad row, up to MOST_NAMED of them.

    Periods may come in any order; other columns are left alone; an empty y is a period that is not known.
    """
    rows, faults = _rows(path)
    found: dict[str, dict[int, float]] = {}
    dated = next((moment.form != "number" for _, _, moment, _ in rows), True)
    for line, name, moment, value in rows:
        periods, number = found.setdefault(name, {}), number_of(moment, frequency)
        if (moment.form != "number") != dated:
            faults.append(f"line {line}: ds is {'a number' if dated else 'a day'}, unlike the rows above.")
        elif number in periods:
            faults.append(_twice(line, name, text_of(number, frequency, _shortest(moment))))
        else:
            periods[number] = value
    if not faults and not found:
        raise SeriesFault("The file has no rows. It needs one line per series and period.")
    series = [_series(name, periods, frequency, faults) for name, periods in found.items() if periods]
    if faults:
        more = [f"… and {len(faults) - MOST_NAMED} more."] if len(faults) > MOST_NAMED else []
        raise SeriesFault(*faults[:MOST_NAMED], *more)
    return SeriesFile(series, frequency, habit_of((moment for _, _, moment, _ in rows), frequency))


def _shortest(moment: Moment) -> Habit:
    return Habit("number") if moment.form == "number" else Habit("month")


def _twice(line: int, name: str, period: str) -> str:
    return f"line {line}: {name} has {period} twice. Keep one of them, or choose another --frequency."


def _rows(path: Path) -> tuple[list[Row], list[str]]:
    """The good rows, and a sentence about each bad one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SeriesFault(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SeriesFault("The file is not UTF-8 text. Save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    reads = _reader(_places(next(reader, [])))
    rows, faults = [], []
    for line, cells in _lines(reader):
        try:
            rows.append((line, *reads(cells)))
        except ValueError as error:
            faults.append(f"line {line}: {error}")
    return rows, faults


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells  # type: ignore[attr-defined]
    except csv.Error as error:
        raise SeriesFault(f"line {reader.line_num}: {error}.") from error  # type: ignore[attr-defined]


def _places(head: list[str]) -> dict[str, int]:
    known = {name.strip().lower(): place for place, name in enumerate(head)}
    missing = [name for name in NAMES if name not in known]
    if missing:
        has = ", ".join(head) or "nothing"
        raise SeriesFault(f"line 1: the column {missing[0]} is missing. The columns are {has}.")
    return {name: known[name] for name in NAMES}


def _reader(places: dict[str, int]) -> Callable[[list[str]], tuple[str, Moment, float]]:
    """What reads the cells of a line: name, period and value. Raises ValueError with a sentence."""
    most = max(places.values())
    name_at, day_at, value_at = (places[column] for column in NAMES)

    def reads(cells: list[str]) -> tuple[str, Moment, float]:
        if len(cells) <= most:
            raise ValueError(f"there are {len(cells)} cells, too few for unique_id, ds and y.")
        if not (name := cells[name_at].strip()):
            raise ValueError("unique_id is empty.")
        return name, _moment(cells[day_at].strip()), _number(cells[value_at].strip())

    return reads


@lru_cache(maxsize=10_000)
def _moment(text: str) -> Moment:
    try:
        return moment_of(text)
    except ValueError as error:
        raise ValueError(
            f"ds is “{text}”; write a day as 2026-03-01, 2026-03, 2026Q1 or a number."
        ) from error


def _number(text: str) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"y is “{text}”; write a number as 1234.5, or nothing if not known.")
    return value


def _series(name: str, periods: dict[int, float], frequency: Frequency, faults: list[str]) -> Series:
    first, last = min(periods), max(periods)
    length = last - first + 1
    if length > MOST_YEARS * frequency.season_length:
        faults.append(f"{name} spans {length} {frequency.words}: check its dates, or choose --frequency.")
        length, first = 1, last
    values = np.full(length, np.nan)
    for number, value in periods.items():
        if number >= first:
            values[number - first] = value
    return Series(name, last, values)
