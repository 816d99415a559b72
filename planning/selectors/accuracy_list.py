"""The cells behind an accuracy as a list that is read a page at a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from catalog.models import DemandUnit
from forecasting.engine.measures import share
from planning.selectors.accuracy_cells import Frame, month_of

BLOCK = 2000


@dataclass(frozen=True)
class Cell:
    """One demand unit and month: what a plan said, what was sold, in units; the error also in money."""

    unit: int
    product: str
    code: str
    market: str
    month: dt.date
    forecast: float
    actual: float
    price: float

    @property
    def error(self) -> float:
        """Forecast less sold, in units."""
        return self.forecast - self.actual

    @property
    def of_sold(self) -> float | None:
        """The error as a share of what was sold."""
        return share(self.error, self.actual)

    @property
    def money(self) -> float:
        """The error at the plan's price, in base currency; positive for too much."""
        return self.error * self.price


def cells_in_order(frame: Frame, maker: str) -> Frame:
    """The cells, the one with the most money of error first."""
    money = np.abs(frame[maker] - frame["actual"]) * frame["price"]
    return frame.at(np.lexsort((frame["month"], frame["unit"], -money)))


class CellRows:
    """What Django's paginator asks of a list: its length, and a slice of it."""

    def __init__(self, frame: Frame, maker: str) -> None:
        self._frame, self._maker = frame, maker

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, rows: slice) -> list[Cell]:
        part = self._frame.at(np.arange(len(self))[rows])
        found = DemandUnit.objects.filter(pk__in=np.unique(part["unit"]).tolist())
        names = {
            pk: (product, code, market)
            for pk, product, code, market in found.values_list(
                "pk", "product__name", "product__code", "market__name"
            )
        }
        return [
            Cell(int(unit), *names[int(unit)], month_of(month), float(said), float(sold), float(price))
            for unit, month, said, sold, price in zip(
                part["unit"], part["month"], part[self._maker], part["actual"], part["price"], strict=True
            )
        ]

    def all(self) -> Iterator[Cell]:
        """Every cell, read in blocks."""
        for first in range(0, len(self), BLOCK):
            yield from self[first : first + BLOCK]
