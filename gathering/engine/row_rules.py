"""Rules over several fields of a row: one of them must be there, days in order, no own parent."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gathering.datasets import Dataset

Broken = tuple[np.ndarray, str, str, str]


def broken_row_rules(dataset: Dataset, columns: dict[str, pa.Array]) -> Iterator[Broken]:
    """(which rows, field, problem, advice) of every rule that some row breaks."""
    for names in dataset.either:
        yield (
            _all_empty(names, columns),
            names[0],
            f"{_labels(dataset, names)} are both missing.",
            "Fill in one.",
        )
    for names in dataset.only_one:
        yield _all_filled(names, columns), names[0], f"{_labels(dataset, names)} are both given.", "Keep one."
    for first, last in dataset.ordered:
        problem = f"{dataset.field(last).label} is before {dataset.field(first).label}."
        yield _compare(first, last, columns, pc.greater), last, problem, "Mend one of the two days."
    for one, other in dataset.different:
        problem = f"{dataset.field(one).label} and {dataset.field(other).label} are the same."
        yield _compare(one, other, columns, pc.equal), other, problem, "A row cannot point to itself."


def _labels(dataset: Dataset, names: tuple[str, ...]) -> str:
    return " and ".join(dataset.field(name).label for name in names)


def _all_empty(names: tuple[str, ...], columns: dict[str, pa.Array]) -> np.ndarray:
    size = len(next(iter(columns.values())))
    broken = np.ones(size, dtype=bool)
    for name in names:
        if name in columns:
            broken &= pc.is_null(columns[name]).to_numpy(zero_copy_only=False)
    return broken


def _all_filled(names: tuple[str, ...], columns: dict[str, pa.Array]) -> np.ndarray:
    if not set(names) <= set(columns):
        return np.zeros(1, dtype=bool)
    filled = [pc.is_valid(columns[name]).to_numpy(zero_copy_only=False) for name in names]
    return np.logical_and.reduce(filled)


def _compare(one: str, other: str, columns: dict[str, pa.Array], test: Callable[..., pa.Array]) -> np.ndarray:
    """Rows where both are given and the test holds (ISO days compare as text)."""
    if one not in columns or other not in columns:
        return np.zeros(1, dtype=bool)
    return pc.fill_null(test(columns[one], columns[other]), False).to_numpy(zero_copy_only=False)
