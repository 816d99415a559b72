"""The rules of a dataset as a pandera schema: every broken one of a chunk is found at once."""

from collections.abc import Iterator
from functools import lru_cache

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from gathering.datasets import Dataset, Field
from gathering.datasets.shape import CHOICE, INTEGER, NUMBERS, RATE

MOST = {RATE: 1e10, INTEGER: 9e15}
MOST_MONEY = 1e14


@lru_cache
def schema_of(dataset: Dataset) -> pandera.DataFrameSchema:
    """The checks of each field, named as problems.broken_rule knows them."""
    return pandera.DataFrameSchema({field.name: _column(field) for field in dataset.fields})


def _column(field: Field) -> pandera.Column:
    checks = [*_number_checks(field)] if field.kind in NUMBERS else [*_text_checks(field)]
    if field.required:
        checks.append(pandera.Check(lambda s: s.notna(), name="required", ignore_na=False))
    return pandera.Column(checks=checks, nullable=True, required=False)


def _number_checks(field: Field) -> Iterator[pandera.Check]:
    most = field.maximum if field.maximum is not None else MOST.get(field.kind, MOST_MONEY)
    yield pandera.Check(lambda s: s.abs() <= most, name="maximum")
    if field.minimum is not None:
        yield pandera.Check(lambda s: s >= field.minimum, name="minimum")


def _text_checks(field: Field) -> Iterator[pandera.Check]:
    if field.kind == CHOICE:
        yield pandera.Check(lambda s: s.isin(field.choices), name="choice")
    yield pandera.Check(lambda s: s.str.len() <= field.max_length, name="length")
    yield pandera.Check(lambda s: ~s.str.contains("\0", regex=False), name="nul")


def broken_rules(dataset: Dataset, columns: dict[str, pa.Array]) -> list[tuple[int, str, str]]:
    """(position, field, check) for every cell that breaks a rule."""
    frame = pd.DataFrame({name: _series(dataset.field(name), cells) for name, cells in columns.items()})
    try:
        schema_of(dataset).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return list(zip(cases["index"].astype(int), cases["column"], cases["check"], strict=True))
    return []


def _series(field: Field, cells: pa.Array) -> pd.Series:
    if field.kind in NUMBERS:
        return pc.cast(cells, pa.float64()).to_pandas()
    return cells.to_pandas(types_mapper={pa.string(): pd.ArrowDtype(pa.string())}.get)
