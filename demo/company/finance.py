"""What finance budgeted, what reps should sell and what a big customer says it will take."""

import numpy as np
import pandas as pd

from demo.company.demand import Demand, alive, expected
from demo.company.products import DEALER_SHARE, cost_index, price_index
from demo.company.span import HISTORY, Floats, chance, first_days
from demo.company.trade import LINES, MARKETS, REPS

YEARS = 3  # the last, this and the next fiscal year
OPTIMISM = 1.04
FORECAST_UNITS, FORECAST_MONTHS = 30, 6


def finance_tables(demand: Demand, products: pd.DataFrame, seed: int, first: int) -> dict[str, pd.DataFrame]:
    """Budget, targets and the customer's forecast as files carry them."""
    now = first + HISTORY
    start = (now // 12 - 1) * 12 - first
    columns = np.arange(start, start + 12 * YEARS)
    plan = _plan(demand, products, seed, first, columns)
    budget = _budget(demand, products, plan, first, columns)
    return {
        "budget": budget,
        "targets": _targets(budget, seed),
        "external_forecasts": _forecast(demand, products, plan, seed, first, columns),
    }


def _plan(demand: Demand, products: pd.DataFrame, seed: int, first: int, columns: np.ndarray) -> Floats:
    """Pieces that finance believed in: the smooth picture, a little brighter."""
    total = int(columns[-1]) + 1
    smooth = expected(demand.units, products, seed, first, total) * alive(demand.units, products, total)
    slow = products["intermittent"].to_numpy()[demand.units["product"].to_numpy()]
    return np.asarray(np.where(slow[:, None], 1.0, smooth)[:, columns] * OPTIMISM, dtype=float)


def _budget(
    demand: Demand, products: pd.DataFrame, plan: Floats, first: int, columns: np.ndarray
) -> pd.DataFrame:
    """By family, market and month, in base currency."""
    item = demand.units["product"].to_numpy()
    price = (
        products["price"].to_numpy()[item][:, None]
        * DEALER_SHARE
        * price_index(first + columns, first)[None, :]
    )
    cost = products["cost"].to_numpy()[item][:, None] * cost_index(first + columns, first)[None, :]
    cell = products["line"].to_numpy()[item] * len(MARKETS) + demand.units["market"].to_numpy()
    cells = np.unique(cell)
    sums = [
        np.array([values[cell == each].sum(axis=0) for each in cells])
        for values in (plan, plan * price * 0.97, plan * cost)
    ]
    return _budget_rows(cells, sums, first + columns)


def _budget_rows(cells: np.ndarray, sums: list[Floats], months: np.ndarray) -> pd.DataFrame:
    families = np.array([line.code for line in LINES])
    markets = np.array([market[0] for market in MARKETS])
    return pd.DataFrame(
        {
            "name": np.tile([f"Budget {month // 12}" for month in months], len(cells)),
            "family": np.repeat(families[cells // len(MARKETS)], len(months)),
            "market": np.repeat(markets[cells % len(MARKETS)], len(months)),
            "month": np.tile(first_days(months), len(cells)),
            "quantity": np.round(sums[0]).astype(np.int64).ravel(),
            "revenue": np.round(sums[1], -1).ravel(),
            "cost": np.round(sums[2], -1).ravel(),
        }
    )


def _targets(budget: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Each market's budget, shared by its reps and stretched a little."""
    dice = chance(seed, "targets")
    by_market = budget.groupby(["market", "month"], as_index=False)["revenue"].sum()
    parts = []
    for code, _name, _title, _manager, market in REPS:
        reps = sum(rep[4] == market for rep in REPS)
        mine = by_market[by_market["market"] == market]
        amount = np.round(mine["revenue"] / reps * dice.uniform(1.0, 1.08), -2)
        parts.append(pd.DataFrame({"rep": code, "month": mine["month"], "amount": amount}))
    return pd.concat(parts, ignore_index=True)


def _forecast(
    demand: Demand, products: pd.DataFrame, plan: Floats, seed: int, first: int, columns: np.ndarray
) -> pd.DataFrame:
    """The largest dealers of the first market say what they will take in the next half year."""
    dice = chance(seed, "customer forecast")
    now = int(np.flatnonzero(columns == HISTORY)[0])
    ahead = plan[:, now : now + FORECAST_MONTHS]
    here = np.flatnonzero(demand.units["market"].to_numpy() == 0)
    units = here[np.argsort(-ahead[here].sum(axis=1), kind="stable")][:FORECAST_UNITS]
    quantity = np.round(ahead[units] * dice.normal(0.95, 0.15, (len(units), FORECAST_MONTHS)).clip(0.4))
    return pd.DataFrame(
        {
            "product": np.repeat(
                products["code"].to_numpy()[demand.units["product"].to_numpy()[units]], FORECAST_MONTHS
            ),
            "market": MARKETS[0][0],
            "month": np.tile(first_days(first + HISTORY + np.arange(FORECAST_MONTHS)), len(units)),
            "quantity": quantity.astype(np.int64).ravel(),
        }
    )
