"""Steps and lines over a number, exactly: attainment → share of the target, bonus, multiplier."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from compensation.engine.plan import Border, Matrix, Table

NOTHING = Fraction(0)


def value_at(table: Table, x: Fraction) -> Fraction:
    """The table's value at x."""
    points, values = fractions(table.at), fractions(table.value)
    if x < points[0] and not table.below_is_nothing and not table.adds_up:
        return values[0]
    if table.straight:
        return _straight(points, values, x, table.goes_on)
    reached = (bisect_right if table.border is Border.UPPER else bisect_left)(points, x)
    return sum(values[:reached], NOTHING) if table.adds_up else _last(values[:reached])


def matrix_at(matrix: Matrix, row: Fraction, column: Fraction) -> Fraction:
    """The matrix's value: of the cell whose lower corner is reached, or straight between the corners."""
    along = [_at(fractions(matrix.columns), fractions(v), column, matrix.straight) for v in matrix.value]
    return _at(fractions(matrix.rows), along, row, matrix.straight)


@lru_cache(maxsize=1024)
def fractions(numbers: tuple[Decimal, ...]) -> tuple[Fraction, ...]:
    """The same numbers, without rounding in what follows; asked for again and again, so they are kept."""
    return tuple(Fraction(number) for number in numbers)


def _at(points: Sequence[Fraction], values: Sequence[Fraction], x: Fraction, straight: bool) -> Fraction:
    return _straight(points, values, x, False) if straight else _last(values[: bisect_right(points, x)])


def _last(values: Sequence[Fraction]) -> Fraction:
    return values[-1] if values else NOTHING


def _straight(points: Sequence[Fraction], values: Sequence[Fraction], x: Fraction, goes_on: bool) -> Fraction:
    if x < points[0]:
        return NOTHING
    if len(points) == 1 or (x >= points[-1] and not goes_on):
        return values[-1]
    place = min(bisect_right(points, x), len(points) - 1)
    slope = (values[place] - values[place - 1]) / (points[place] - points[place - 1])
    return values[place - 1] + slope * (x - points[place - 1])
