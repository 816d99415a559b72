"""Splitting an amount into parts that add up to it exactly, in whole steps.

Largest remainder (Hamilton's method; M. Balinski, H. P. Young, Fair Representation, 1982, ch. 3): every part
gets its whole steps, the steps left over go to the largest fractions. Ties go by the key, so the order in
which parts are named changes nothing. With a larger amount a part can lose one step at most (the "Alabama
paradox" of the same book), never more.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

CENT = Decimal("0.01")
Amounts = dict[Any, Decimal]


def split(total: Decimal, weights: Mapping[Any, Fraction | Decimal | int], step: Decimal = CENT) -> Amounts:
    """Parts of the total in proportion to the weights, in base currency. All weights 0 count as even.

    What is less than a step of the total goes to the largest part.
    """
    if not weights:
        return {}
    shares = {key: Fraction(weight) for key, weight in weights.items()}
    whole = sum(shares.values())
    if whole == 0:
        shares, whole = dict.fromkeys(shares, Fraction(1)), Fraction(len(shares))
    return rounded({key: Fraction(total) * share / whole for key, share in shares.items()}, total, step)


def rounded(
    exact: Mapping[Any, Fraction],
    total: Decimal,
    step: Decimal,
    highs: Mapping[Any, Decimal | None] | None = None,
) -> Amounts:
    """Exact amounts that add up to the total, in whole steps that add up to it too; what is less than a
    step goes to the largest one that has room below its high."""
    size = Fraction(step)
    steps = {key: floor(amount / size) for key, amount in exact.items()}
    left = floor(Fraction(total) / size) - sum(steps.values())
    by_fraction = sorted(exact, key=lambda key: (steps[key] - exact[key] / size, str(key)))
    for key in by_fraction[:left]:
        steps[key] += 1
    amounts = {key: step * count for key, count in steps.items()}
    rest = total - sum(amounts.values())
    if rest:
        most = highs or {}
        full = {key for key in exact if (high := most.get(key)) is not None and amounts[key] + rest > high}
        largest = min(exact, key=lambda key: (key in full, -exact[key], str(key)))
        amounts[largest] += rest
    return amounts


def grid(
    rows: Mapping[Any, Decimal], columns: Mapping[Any, Decimal], step: Decimal = CENT
) -> dict[Any, Amounts]:
    """Cells in proportion to both, whose rows and columns add up exactly; none is below 0.

    Each cell is its exact value rounded down or up: floors first, then the steps left over, column by
    column, to the rows that still lack most. That such a filling exists follows from the exact cells; the
    greedy finds it (D. Gale, A theorem on flows in networks, Pacific J. Math. 7, 1957).
    """
    total = sum(rows.values(), Decimal(0))
    if total != sum(columns.values(), Decimal(0)):
        raise ValueError("Rows and columns have different sums.")
    if not total:
        return {row: dict.fromkeys(columns, Decimal(0)) for row in rows}
    unit = step if all(one % step == 0 for one in (*rows.values(), *columns.values())) else CENT
    ups = {row: int(amount / unit) for row, amount in rows.items()}
    acrosses = {column: int(amount / unit) for column, amount in columns.items()}
    whole = sum(ups.values())
    cells = {row: {column: ups[row] * acrosses[column] // whole for column in columns} for row in rows}
    lacks = {row: ups[row] - sum(cells[row].values()) for row in rows}
    for column in columns:
        missing = acrosses[column] - sum(cells[row][column] for row in rows)
        for row in sorted(lacks, key=lambda row: (-lacks[row], str(row)))[:missing]:
            cells[row][column] += 1
            lacks[row] -= 1
    return {row: {column: unit * count for column, count in line.items()} for row, line in cells.items()}
