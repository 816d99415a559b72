"""A CSV file of monthly series ↔ the engine: unique_id,ds,y in, unique_id,ds,mean,lo-80,…,model out."""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog.engine.months import add_months, months_apart
from forecasting.engine import Forecast, Panel
from forecasting.engine.panel import Floats

NAMES = ("unique_id", "ds", "y")
OUT = ["unique_id", "ds", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "model"]
MOST_MONTHS = 1200  # a hundred years: a longer span is a mistyped date


class SeriesFault(Exception):
    """What is wrong with a file of series, in one sentence with its line."""


@dataclass(frozen=True)
class Series:
    """One series: its name, its newest month, and its values up to it, NaN where a month is missing."""

    name: str
    last: dt.date
    values: Floats


def read_series(path: Path) -> list[Series]:
    """Every series of the file, in the order of their first lines. Raises SeriesFault.

    Months may come in any order; other columns are left alone; an empty y is a month that is not known.
    """
    found: dict[str, dict[dt.date, float]] = {}
    for line, name, month, value in _rows(path):
        months = found.setdefault(name, {})
        if month in months:
            raise SeriesFault(f"line {line}: {name} has {month:%Y-%m} twice. Keep one of them.")
        months[month] = value
    if not found:
        raise SeriesFault("The file has no rows. It needs one line per series and month.")
    return [_series(name, months) for name, months in found.items()]


def panel_of(series: list[Series]) -> Panel:
    """The series side by side, each ending in the last row, whatever its last month is."""
    longest = max(len(one.values) for one in series)
    values = np.full((longest, len(series)), np.nan)
    for column, one in enumerate(series):
        values[longest - len(one.values) :, column] = one.values
    return Panel(tuple(one.name for one in series), values)


def forecast_lines(series: list[Series], result: Forecast) -> list[str]:
    """The lines of the file that is written, its head first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(OUT)
    parts = (result.mean, result.lower[80], result.upper[80], result.lower[95], result.upper[95])
    for column, one in enumerate(series):
        for ahead in range(len(result.mean)):
            numbers = [f"{part[ahead, column]:.10g}" for part in parts]
            writer.writerow([one.name, add_months(one.last, ahead + 1), *numbers, result.methods[column]])
    return text.getvalue().splitlines(keepends=True)


def _rows(path: Path) -> Iterator[tuple[int, str, dt.date, float]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SeriesFault(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SeriesFault("The file is not UTF-8 text. Save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    places = _places(next(reader, []))
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, *_row(reader.line_num, cells, places)
    except csv.Error as error:
        raise SeriesFault(f"line {reader.line_num}: {error}.") from error


def _places(head: list[str]) -> dict[str, int]:
    known = {name.strip().lower(): place for place, name in enumerate(head)}
    missing = [name for name in NAMES if name not in known]
    if missing:
        has = ", ".join(head) or "nothing"
        raise SeriesFault(f"line 1: the column {missing[0]} is missing. The columns are {has}.")
    return {name: known[name] for name in NAMES}


def _row(line: int, cells: list[str], places: dict[str, int]) -> tuple[str, dt.date, float]:
    if len(cells) <= max(places.values()):
        raise SeriesFault(f"line {line}: there are {len(cells)} cells, too few for unique_id, ds and y.")
    name, day, value = (cells[places[column]].strip() for column in NAMES)
    if not name:
        raise SeriesFault(f"line {line}: unique_id is empty.")
    return name, _month(line, day), _number(line, value)


def _month(line: int, text: str) -> dt.date:
    """The month of a day such as 2026-03-31 or of a month such as 2026-03."""
    try:
        return dt.date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10]).replace(day=1)
    except ValueError as error:
        raise SeriesFault(f"line {line}: ds is “{text}”; write a day as 2026-03-01.") from error


def _number(line: int, text: str) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SeriesFault(f"line {line}: y is “{text}”; write a number as 1234.5, or nothing if not known.")
    return value


def _series(name: str, months: dict[dt.date, float]) -> Series:
    first, last = min(months), max(months)
    length = months_apart(first, last) + 1
    if length > MOST_MONTHS:
        raise SeriesFault(
            f"{name} spans {length} months, from {first:%Y-%m} to {last:%Y-%m}: check its dates."
        )
    values = np.full(length, np.nan)
    for month, value in months.items():
        values[months_apart(first, month)] = value
    return Series(name, last, values)
