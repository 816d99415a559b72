"""The weighted consensus of what the streams say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.engine.disaggregation import spread

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Statement:
    """One input: the rows it covers, the month's column, and what it says about their sum.

    `kind` is replace (units), add (units) or percent. `order` decides who is heard last: broad
    statements come first, then narrower ones, then later ones, so that the narrow word stands.
    """

    rows: NDArray[np.int64]
    column: int
    kind: str
    value: float
    order: tuple[int, int]


def stream_values(baseline: Floats, statements: list[Statement]) -> Floats:
    """What one stream says about every cell, (units, months); NaN where it says nothing.

    Statements are spread over their rows in proportion to the baseline, exactly. Relative kinds
    build on what the stream said before about the same cells, and on the baseline otherwise.
    """
    said = np.full(baseline.shape, np.nan)
    for statement in sorted(statements, key=lambda one: one.order):
        rows, column = statement.rows, statement.column
        before = np.where(np.isnan(said[rows, column]), baseline[rows, column], said[rows, column])
        total = _target(statement, float(before.sum()))
        said[rows, column] = spread(max(total, 0.0), before)
    return said


def _target(statement: Statement, before: float) -> float:
    if statement.kind == "replace":
        return statement.value
    if statement.kind == "add":
        return before + statement.value
    return before * (1 + statement.value / 100)


def consensus(
    baseline: Floats, streams: dict[str, Floats], weights: dict[str, float], events: Floats
) -> Floats:
    """The agreed unconstrained demand, (units, months), never negative.

    Each cell is the mean of the baseline and of the streams that speak there, by their weights;
    dated events are added on top. A cell where all that speak have weight 0 keeps the baseline.
    """
    total = baseline * weights["statistical"]
    weight = np.full(baseline.shape, weights["statistical"])
    for name, values in streams.items():
        speaks = ~np.isnan(values)
        total = total + np.where(speaks, values, 0.0) * weights[name]
        weight = weight + speaks * weights[name]
    agreed = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), baseline)
    return np.maximum(agreed + events, 0.0)
