"""Open deals of a day → chance to win, expected month, expected revenue; with the back-test behind it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.backtest import Backtest, backtest
from forecasting.engine.deals.book import Book, Deal, Floats
from forecasting.engine.deals.methods import Chances, chances
from forecasting.engine.deals.money import Revenue, revenue
from forecasting.engine.deals.settings import METHODS, DealSettings, Method
from forecasting.engine.deals.snapshots import Rows, month_mostly, rows_now
from forecasting.engine.deals.worth import ORDER, Basis, worth

UNTESTED = Method.HAZARD  # the default where too little is known for a back-test


@dataclass(frozen=True)
class Told:
    """What is told of one open deal. `months`: the chance to be won in each month ahead, adding up to
    `chance`; `expected`: the first day of the likeliest month. `worth` in the deals' currency."""

    deal: str
    chance: float
    by_method: dict[Method, float]
    expected: dt.date
    months: tuple[float, ...]
    worth: float
    basis: Basis
    age: int | None
    stage: str
    why: str


@dataclass(frozen=True)
class DealsForecast:
    """Everything told on a day. `months` are first days; revenue is by those months."""

    as_of: dt.date
    method: Method
    months: tuple[dt.date, ...]
    deals: tuple[Told, ...]
    revenue: Revenue
    backtest: Backtest
    usual_cycle: float


def forecast_deals(
    deals: Sequence[Deal], as_of: dt.date, settings: DealSettings, method: Method | None = None
) -> DealsForecast:
    """Tell of every deal that is open on `as_of`, by the method that wins the back-test unless one is named.

    Nothing after `as_of` is looked at. A deal without a known first day counts as begun on that day.
    """
    book = Book.of(deals).at(as_of.toordinal())
    rows = rows_now(book, as_of)
    tested = backtest(book, as_of, settings)
    chosen = method or tested.winner or UNTESTED
    found = chances(book, as_of, rows, settings)
    value, basis = worth(book, rows.deal, as_of.toordinal())
    in_month = found.won[chosen][:, None] * found.month
    money = revenue(value, in_month, settings.levels, settings.draws, settings.seed)
    months = tuple(month_mostly(as_of, ahead) for ahead in range(1, settings.horizon + 1))
    told = _told(book, rows, found, chosen, value, basis, months)
    return DealsForecast(as_of, chosen, months, told, money, tested, book.usual_cycle)


def _told(
    book: Book,
    rows: Rows,
    found: Chances,
    chosen: Method,
    value: Floats,
    basis: np.ndarray,
    months: tuple[dt.date, ...],
) -> tuple[Told, ...]:
    likeliest = np.argmax(found.month, axis=1) if len(rows) else np.zeros(0, dtype=int)
    lines = []
    for place, deal in enumerate(rows.deal):
        by_method = {name: float(found.won[name][place]) for name in METHODS}
        stage = book.stage_names[rows.stage[place]] if rows.stage[place] >= 0 else ""
        age = int(rows.age[place]) if book.created[deal] <= rows.day[place] else None
        lines.append(
            Told(
                book.ids[deal],
                by_method[chosen],
                by_method,
                months[likeliest[place]],
                tuple((by_method[chosen] * found.month[place]).tolist()),
                float(value[place]),
                ORDER[basis[place]],
                age,
                stage,
                why(age, book.usual_cycle, by_method, chosen, len(months), ORDER[basis[place]]),
            )
        )
    return tuple(lines)


def why(
    age: int | None, cycle: float, by_method: dict[Method, float], chosen: Method, months: int, basis: Basis
) -> str:
    """One or two sentences: how long it is open, what became of deals like it, what its worth rests on."""
    since = "Nobody noted since when it is open" if age is None else f"Open for {age} days"
    usual = f"the usual win takes {cycle:.0f}"
    past = f"of deals like it {by_method[Method.HAZARD]:.0%} were won within {months} months"
    text = f"{since}; {usual}; {past}"
    if chosen is Method.BLEND:
        moved = by_method[Method.BLEND] - by_method[Method.HAZARD]
        side = "more" if moved > 0 else "less"
        if abs(moved) >= 0.02:
            text += f", and its product, owner, account and worth make it {abs(moved):.0%} {side} likely"
    return f"{text}. {SAID[basis]}".strip()


SAID = {
    Basis.AMOUNT: "",
    Basis.LIST_PRICE: "It has no amount: counted with the list price of its product.",
    Basis.PRODUCT_MEAN: "It has no amount: counted with what deals of its product brought on average.",
    Basis.MEAN: "It has no amount: counted with what won deals brought on average.",
    Basis.UNKNOWN: "It has no amount, and nothing was won yet: counted with no money.",
}
