"""Rolling back-test by time: at each past month end, only what was known then; scored by what came.

A deal that was open on a cut counts as won when it was won within the horizon after it. Only cuts whose
horizon has passed are scored, so that every deal had the same time to be won.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.book import Book, Floats
from forecasting.engine.deals.methods import chances
from forecasting.engine.deals.scores import Scores, scores
from forecasting.engine.deals.settings import METHODS, DealSettings, Method
from forecasting.engine.deals.snapshots import WON, month_after, past_days, rows_on
from forecasting.engine.deals.worth import realised, worth


@dataclass(frozen=True)
class Cut:
    """One month end: n deals open then, their chances by method, outcomes, worth and what they brought."""

    day: dt.date
    told: dict[Method, Floats]
    won: Floats
    worth: Floats
    brought: Floats


@dataclass(frozen=True)
class Backtest:
    """The cuts, the oldest first; the scores of all of them together by method; the winner, if tested."""

    horizon: int
    cuts: tuple[Cut, ...]
    scores: dict[Method, Scores]
    winner: Method | None

    def by_cut(self, cut: Cut) -> dict[Method, Scores]:
        """The scores of each method at one month end alone."""
        return {name: scores(cut.told[name], cut.won, cut.worth, cut.brought) for name in METHODS}


def backtest(book: Book, as_of: dt.date, settings: DealSettings) -> Backtest:
    """Test every method on the months whose horizon has passed by `as_of`, after which `book` must know
    nothing."""
    horizon = settings.horizon
    days = past_days(book, as_of, settings.most_cuts + settings.fewest_months + horizon)
    cuts: list[Cut] = []
    for number, day in enumerate(days, start=1):
        known = book.at(day.toordinal())
        enough = known.decided.sum() >= settings.fewest and len(days) - number >= settings.fewest_months
        if number >= horizon and enough and len(cuts) < settings.most_cuts:
            cuts.append(_cut(book, known, day, settings))
    cuts = [cut for cut in reversed(cuts) if len(cut.won)]
    return _judged(horizon, tuple(cuts))


def _cut(book: Book, known: Book, day: dt.date, settings: DealSettings) -> Cut:
    rows = rows_on(known, day)
    told = chances(known, day, rows, settings).won
    value, _ = worth(known, rows.deal, day.toordinal())
    after = rows_on(book, day, month_after(day, settings.horizon))
    won = after.result == WON
    brought = np.zeros(len(rows))
    brought[won] = realised(book, rows.deal[won])
    return Cut(day, told, won.astype(float), value, brought)


def _judged(horizon: int, cuts: tuple[Cut, ...]) -> Backtest:
    if not cuts:
        return Backtest(horizon, (), {}, None)
    won, value, brought = (
        np.concatenate([getattr(cut, name) for cut in cuts]) for name in ("won", "worth", "brought")
    )
    found = {
        name: scores(np.concatenate([cut.told[name] for cut in cuts]), won, value, brought)
        for name in METHODS
    }
    return Backtest(horizon, cuts, found, min(METHODS, key=lambda name: found[name].brier))
