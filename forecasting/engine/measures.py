"""Accuracy of many forecast cells at once, by any grouping: each measure's formula, once.

A cell is one demand unit in one month: what was said, what was sold, and what a unit of it is worth.
Errors are forecast less actual: positive means too much was forecast. Shares are None of nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.engine.accuracy import smape_terms
from forecasting.engine.panel import Floats, Ints

FEW_CELLS = 30


@dataclass(frozen=True)
class Cells:
    """Forecasts beside what was sold, (n,) each: in units, `price` in money per unit.

    `unit` and `month` number the demand unit and the month. `step` and `square` are the unit's
    scales (`scales_of`), NaN where its history has none.
    """

    unit: Ints
    month: Ints
    actual: Floats
    forecast: Floats
    price: Floats
    step: Floats
    square: Floats

    def at(self, rows: NDArray[np.generic]) -> "Cells":
        """Some of the cells, by place or by a mask."""
        return Cells(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Measures:
    """The accuracy of some cells.

    wape, bias: shares of what was sold. mase, rmsse: in naive steps of the history, below 1 beats
    the naive forecast. smape: percent, 0 to 200. signal: `tracking_signal` over the months. sold and
    forecast: units. money: the errors, either way, at the cells' prices.
    """

    cells: int
    units: int
    months: int
    sold: float
    forecast: float
    wape: float | None
    bias: float | None
    mase: float | None
    rmsse: float | None
    smape: float | None
    signal: float | None
    money: float


@dataclass(frozen=True)
class Gain:
    """What one forecast gained over another on the same cells.

    before, after: their WAPE as shares. money: errors avoided, at the cells' prices; below 0 the
    step added error. likely: whether the mean difference lies further from 0 than two standard errors.
    changed: whether any cell differs.
    """

    cells: int
    sold: float
    before: float | None
    after: float | None
    money: float
    likely: bool
    changed: bool

    @property
    def gained(self) -> float | None:
        """How much WAPE fell, as a share of what was sold; below 0 it rose."""
        return points_gained(self.before, self.after)

    @property
    def is_few(self) -> bool:
        """Whether the cells are too few to say much."""
        return self.cells < FEW_CELLS


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def points_gained(before: float | None, after: float | None) -> float | None:
    """Forecast value added: WAPE before the step less WAPE after it, as a share; positive is better
    (M. Gilliland, The Business Forecasting Deal, 2010)."""
    return None if before is None or after is None else before - after


def tracking_signal(errors: Floats) -> float | None:
    """Sum of the errors over their mean absolute value, (months,) in units; None without an error.

    Beyond ±4 the plan leans to one side for longer than chance explains (R. G. Brown, Smoothing,
    Forecasting and Prediction of Discrete Time Series, 1963).
    """
    spread = float(np.abs(errors).mean()) if errors.size else 0.0
    return float(errors.sum()) / spread if spread > 0 else None


def scales_of(history: Floats, season_length: int = 12) -> tuple[Floats, Floats]:
    """The scales of MASE and RMSSE of each series: history is (periods, series), NaN where unknown.

    Mean |seasonal step| (the plain step below a year and one: Hyndman & Koehler, International Journal
    of Forecasting 22 (2006), 679–688) and mean squared plain step (Makridakis et al., ibid. 38 (2022),
    1325–1336), (series,) each; NaN where it is 0 or unknown.
    """
    plain = history[1:] - history[:-1]
    seasonal = history[season_length:] - history[:-season_length]
    step = _mean_by_column(np.abs(seasonal))
    step = np.where(np.isfinite(step), step, _mean_by_column(np.abs(plain)))
    square = _mean_by_column(plain**2)
    return np.where(step > 0, step, np.nan), np.where(square > 0, square, np.nan)


def measures_of(cells: Cells) -> Measures:
    """All the cells together. Raises ValueError for none."""
    if not cells.actual.size:
        raise ValueError("There are no cells to measure.")
    return measures_by(np.zeros(cells.actual.size, dtype=np.int64), cells)[0]


def measures_by(groups: Ints, cells: Cells) -> dict[int, Measures]:
    """The measures of each group; `groups` (n,) names the group of each cell.

    WAPE and bias: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.8.
    MASE is the mean over cells, RMSSE the mean over demand units, the signal over months.
    """
    names, place = np.unique(groups, return_inverse=True)
    of_unit, squared = _within(place, cells.unit, (cells.forecast - cells.actual) ** 2 / cells.square, "mean")
    of_month, net = _within(place, cells.month, cells.forecast - cells.actual, "sum")
    sums, units = _sums(place, cells), np.bincount(of_unit, minlength=len(names))
    roots = _means(of_unit, np.sqrt(squared), len(names))
    return {
        int(name): Measures(
            cells=int(sums["cells"][at]),
            units=int(units[at]),
            months=len(months),
            sold=float(sums["sold"][at]),
            forecast=float(sums["forecast"][at]),
            wape=share(float(sums["size"][at]), float(sums["weight"][at])),
            bias=share(float(sums["net"][at]), float(sums["weight"][at])),
            mase=_none(sums["mase"][at]),
            rmsse=_none(roots[at]),
            smape=_none(sums["smape"][at]),
            signal=tracking_signal(months),
            money=float(sums["money"][at]),
        )
        for at, (name, months) in enumerate(zip(names, _split(of_month, net, len(names)), strict=True))
    }


def gain_of(actual: Floats, before: Floats, after: Floats, price: Floats) -> Gain:
    """What `after` gained over `before` where both spoke, (n,) each in units, NaN where one did not."""
    both = np.isfinite(before) & np.isfinite(after)
    was, now = np.abs(before - actual)[both], np.abs(after - actual)[both]
    saved = was - now
    return gain_from_sums(
        cells=int(both.sum()),
        sold=float(np.abs(actual[both]).sum()),
        before=float(was.sum()),
        after=float(now.sum()),
        squares=float((saved**2).sum()),
        money=float((saved * price[both]).sum()),
    )


def gain_from_sums(
    *, cells: int, sold: float, before: float, after: float, squares: float, money: float
) -> Gain:
    """A gain from sums over its cells: errors before and after, and squares of their differences.

    Two standard errors of the mean difference, as in Diebold & Mariano, Journal of Business & Economic
    Statistics 13 (1995), 253–263, for cells that do not depend on each other.
    """
    saved = before - after
    spread = max(squares - saved**2 / cells, 0.0) / (cells - 1) if cells > 1 else float("inf")
    likely = abs(saved) > 2 * float(np.sqrt(spread * cells)) if cells > 1 else False
    return Gain(cells, sold, share(before, sold), share(after, sold), money, likely, squares > 0)


def _sums(place: Ints, cells: Cells) -> dict[str, Floats]:
    """What the measures are made of, by group."""
    error = cells.forecast - cells.actual
    size, groups = np.abs(error), int(place.max()) + 1

    def total(values: Floats) -> Floats:
        return np.bincount(place, values, groups).astype(np.float64)

    return {
        "cells": total(np.ones_like(error)),
        "sold": total(cells.actual),
        "weight": total(np.abs(cells.actual)),
        "forecast": total(cells.forecast),
        "size": total(size),
        "net": total(error),
        "money": total(size * cells.price),
        "mase": _means(place, size / cells.step, groups),
        "smape": _means(place, smape_terms(cells.actual, cells.forecast), groups),
    }


def _within(place: Ints, keys: Ints, values: Floats, how: str) -> tuple[Ints, Floats]:
    """Sums or means by group and key: the group of each, and the value; groups in order."""
    _, number = np.unique(keys, return_inverse=True)
    pair = place.astype(np.int64) * (int(number.max()) + 1) + number
    pairs, at = np.unique(pair, return_inverse=True)
    total = np.bincount(at, values).astype(np.float64)
    return pairs // (int(number.max()) + 1), total / np.bincount(at) if how == "mean" else total


def _means(place: Ints, values: Floats, groups: int) -> Floats:
    """The mean of the known values of each group; NaN without any."""
    known = np.isfinite(values)
    count = np.bincount(place[known], minlength=groups)
    total = np.bincount(place[known], values[known], groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _split(place: Ints, values: Floats, groups: int) -> list[Floats]:
    """The values of each group; `place` is in order."""
    return np.split(values, np.searchsorted(place, np.arange(1, groups)))


def _none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _mean_by_column(values: Floats) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
