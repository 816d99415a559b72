"""Where points stand that would lie on each other on a map: a small spiral around their place.

The k-th of a crowd stands at the distance c √k and the angle k × 137.5°, as the seeds of a sunflower do: all
have the same room (H. Vogel, Mathematical Biosciences 44 (1979), 179–189).
"""

import math
from collections import defaultdict
from collections.abc import Sequence

Place = tuple[float, float]  # degrees east and north
Offset = tuple[float, float]  # symbol widths to the right and down

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
APART = 0.9  # symbol widths: the least distance of two of a crowd
WIDEST = 7.0  # symbol widths: the largest crowd stands closer rather than wider
NEAR = 0.012  # of what the map shows: about the width of a symbol
ROOM_OF_A_MARK = 5  # so many symbols' room is kept free for it
LEAST_SHOWN = 2.0  # degrees: a map of one place shows so much around it


def offsets(places: Sequence[Place], marks: Sequence[Place] = ()) -> list[Offset]:
    """How far each place's symbol stands from it, in symbol widths, in their order: (0, 0) without
    others nearby, and for the first of a crowd. Larger marks stay where they are, and the places near them
    stand around them. The same places give the same offsets."""
    taken = [mark for mark in marks for _ in range(ROOM_OF_A_MARK)]
    everything = [*taken, *places]
    found: list[Offset] = [(0.0, 0.0)] * len(everything)
    for crowd in crowds(everything, NEAR * _shown(everything)):
        step = min(APART, WIDEST / math.sqrt(len(crowd)))
        for place, point in enumerate(crowd):
            found[point] = _on_spiral(place, step)
    return found[len(taken) :]


def crowds(places: Sequence[Place], near: float) -> list[list[int]]:
    """The places (by their numbers) that lie within `near` degrees of the first of them, in their order."""
    found: list[list[int]] = []
    by_cell: dict[tuple[int, int], list[int]] = defaultdict(list)
    for point, place in enumerate(places):
        column, row = math.floor(place[0] / near), math.floor(place[1] / near)
        cells = [(column + right, row + up) for right in (-1, 0, 1) for up in (-1, 0, 1)]
        known = [one for cell in cells for one in by_cell.get(cell, ())]
        close = (one for one in known if math.dist(places[found[one][0]], place) <= near)
        crowd = min(close, default=None)  # the first of them: the same place is always in the same crowd
        if crowd is None:
            by_cell[column, row].append(len(found))
            found.append([point])
        else:
            found[crowd].append(point)
    return found


def _on_spiral(place: int, step: float) -> Offset:
    radius, angle = step * math.sqrt(place), place * GOLDEN_ANGLE
    return radius * math.cos(angle), radius * math.sin(angle)


def _shown(places: Sequence[Place]) -> float:
    """The longer side of what a map of these places shows, in degrees."""
    sides = [max(values) - min(values) for values in zip(*places, strict=True)]
    return max([LEAST_SHOWN, *sides])
