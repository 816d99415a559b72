"""Which difference in a cell of the plan is worth a look: the one with the most money in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One demand unit and month: units of each voice (None where it says nothing), price per unit."""

    consensus: float
    baseline: float
    streams: dict[str, float]
    last: float | None
    price: float


@dataclass(frozen=True)
class Finding:
    """What differs (streams, baseline or last), by how many units, and what they are worth."""

    kind: str
    units: float
    money: float


def findings(cell: Cell) -> list[Finding]:
    """Every difference of the cell, the dearest first. Units are signed: consensus above the other."""
    found = [
        Finding(kind, units, abs(units) * cell.price)
        for kind, units in (
            ("streams", _spread(cell.streams)),
            ("baseline", cell.consensus - cell.baseline),
            ("last", 0.0 if cell.last is None else cell.consensus - cell.last),
        )
        if units
    ]
    return sorted(found, key=lambda one: -one.money)


def _spread(streams: dict[str, float]) -> float:
    """How far apart those that speak are, in units."""
    return max(streams.values()) - min(streams.values()) if len(streams) > 1 else 0.0
