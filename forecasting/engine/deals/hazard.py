"""P(win | still open at this age, stage, segment): discrete-time competing risks, counted.

A month's hazard of winning and of losing is counted over the past months' open deals, in groups that
grow finer (age → month of the quarter → stage → segment); each group is drawn towards the one before.
Over the months ahead (Prentice et al. 1978, Biometrics 34, 541–554, in discrete time)

    S(0) = 1,   win(j) = S(j − 1) h_won(j),   S(j) = S(j − 1) (1 − h_won(j) − h_lost(j)).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.book import Book, Floats, Ints
from forecasting.engine.deals.rates import shrunk
from forecasting.engine.deals.snapshots import LOST, WON, Rows

MONTH = 365.25 / 12
BANDS = 8
Hazards = tuple[Floats, Floats]


@dataclass(frozen=True)
class Tables:
    """Hazards by group, coarse to fine; `edges` part ages into bands, the last one beyond any decision."""

    edges: Floats
    shape: tuple[int, int, int, int]
    won: tuple[Floats, ...]
    lost: tuple[Floats, ...]

    def at(self, age: Floats, season: Ints, stage: Ints, segment: Ints) -> Hazards:
        """The hazards of the month that follows, of the finest group there is. Shapes (r,)."""
        place = _places(self.edges, self.shape, age, season, stage, segment)[-1]
        return self.won[-1][place], self.lost[-1][place]


def learn(book: Book, rows: Rows, weight: float) -> Tables:
    """Count the hazards of past months; all zero without any."""
    edges = _edges(rows)
    shape = (len(edges) + 1, 3, len(book.stage_names) + 1, len(book.names["segment"]))
    segment = book.codes["segment"][rows.deal]
    places = _places(edges, shape, rows.age, rows.season, rows.stage, segment)
    return Tables(
        edges,
        shape,
        _levels(places, rows.result == WON, shape, weight),
        _levels(places, rows.result == LOST, shape, weight),
    )


def ahead(rows: Rows, seasons: Ints, hazards: Callable[[Floats, Ints], Hazards]) -> Floats:
    """The chance of each deal to be won in each month ahead, (r, months). `seasons` (months,) are the
    months of the quarter; `hazards(age, season)` gives the two hazards of the month that follows."""
    open_still = np.ones(len(rows))
    won_in = np.zeros((len(rows), len(seasons)))
    for month, season in enumerate(seasons):
        won, lost = hazards(rows.age + month * MONTH, np.full(len(rows), season))
        over = np.maximum(won + lost, 1.0)  # two hazards learnt apart may pass 1 together
        won_in[:, month] = open_still * won / over
        open_still = open_still * (1 - (won + lost) / over)
    return won_in


def _edges(rows: Rows) -> Floats:
    """Bands with equally many decisions each; what is older than every decided deal is a band alone."""
    ages = rows.age[rows.result != 0]
    if not ages.size:
        return np.zeros(0)
    inner = np.quantile(ages, np.arange(1, BANDS) / BANDS)
    return np.unique(np.append(inner, ages.max() + 1))


def _places(
    edges: Floats, shape: tuple[int, int, int, int], age: Floats, season: Ints, stage: Ints, segment: Ints
) -> list[Ints]:
    """The group of each row on every level, coarse to fine."""
    band = np.searchsorted(edges, age, side="right")
    by_season = band * shape[1] + season
    by_stage = by_season * shape[2] + stage + 1
    return [np.zeros_like(band), band, by_season, by_stage, by_stage * shape[3] + segment]


def _levels(
    places: list[Ints], hit: np.ndarray, shape: tuple[int, int, int, int], weight: float
) -> tuple[Floats, ...]:
    """The rate of each group on every level, each drawn towards its parent's."""
    sizes = [1, *np.cumprod(shape).tolist()]
    tables = []
    for level, place in enumerate(places):
        count = np.bincount(place, minlength=sizes[level]).astype(float)
        hits = np.bincount(place[hit], minlength=sizes[level]).astype(float)
        if level == 0:
            tables.append(hits / np.maximum(count, 1.0))
        else:
            parent = np.repeat(tables[-1], sizes[level] // sizes[level - 1])
            tables.append(shrunk(hits, count, parent, weight))
    return tuple(tables)
