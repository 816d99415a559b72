"""Every method's chances for the open deals of one day, from what was known then."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals import blend, hazard
from forecasting.engine.deals.book import Book, Floats, Ints
from forecasting.engine.deals.plain import by_age, by_stage
from forecasting.engine.deals.settings import DealSettings, Method
from forecasting.engine.deals.snapshots import Rows, history, month_after, season_after
from forecasting.engine.deals.timing import months_of


@dataclass(frozen=True)
class Chances:
    """Of r deals: `won` per method (r,), `month` (r, months): when, if within the horizon; rows add to 1."""

    won: dict[Method, Floats]
    month: Floats
    penalty: float | None


def chances(book: Book, as_of: dt.date, rows: Rows, settings: DealSettings) -> Chances:
    """`book` must know nothing after `as_of`. Without a past the blend is the counted hazard."""
    past = history(book, as_of, settings.months_learnt)
    seasons = seasons_after(as_of, settings.horizon)
    tables = hazard.learn(book, past, settings.shrink)
    segment = book.codes["segment"][rows.deal]
    counted = hazard.ahead(rows, seasons, lambda age, season: tables.at(age, season, rows.stage, segment))
    fitted = blend.learn(book, past, settings)
    blended = counted if fitted is None else fitted.won_in(book, rows, seasons, settings)
    won = {
        Method.STAGE: by_stage(book, rows),
        Method.AGE: by_age(book, rows, settings.cap),
        Method.HAZARD: counted.sum(axis=1),
        Method.BLEND: blended.sum(axis=1),
    }
    month = months_of(book, as_of, rows, blended, past)
    return Chances(
        {name: np.clip(share, 0.0, 1.0) for name, share in won.items()},
        month,
        fitted.penalty if fitted else None,
    )


def seasons_after(as_of: dt.date, horizon: int) -> Ints:
    """The month of the quarter of each month ahead."""
    return np.array([season_after(month_after(as_of, ahead)) for ahead in range(horizon)], dtype=np.int64)
