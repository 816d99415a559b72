"""What each demand unit sells in each month: level, growth, season, launches, campaigns and mishaps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.company.campaigns import Promotion
from demo.company.products import ALWAYS, NEVER
from demo.company.span import HISTORY, Floats, Ints, chance
from demo.company.trade import LINES, MARKETS

MARKETS_PER_PRODUCT = (4, 5, 6)  # in turn: five on average


@dataclass(frozen=True)
class Demand:
    """Pieces by demand unit (rows) and month (columns), and which units the rows are."""

    units: pd.DataFrame  # product (row of products), market (row of MARKETS)
    pieces: Ints
    promoted: Floats  # the uplift of a campaign, 0 where there was none


def make_units(products: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Which product is sold where: big markets carry more of the range."""
    dice = chance(seed, "units")
    weights = np.array([market[5] for market in MARKETS])
    share = weights / weights.sum()
    chosen = [
        (product, market)
        for product in range(len(products))
        for market in sorted(
            dice.choice(len(MARKETS), MARKETS_PER_PRODUCT[product % 3], replace=False, p=share)
        )
    ]
    return pd.DataFrame(chosen, columns=["product", "market"])


def make_demand(
    products: pd.DataFrame, promotions: list[Promotion], seed: int, first: int, months: int
) -> Demand:
    """The five years in whole pieces."""
    units = make_units(products, seed)
    promoted = uplift(units, products, promotions, first, months)
    mean = expected(units, products, seed, first, months) * (1 + promoted) * _hangover(promoted)
    mean *= alive(units, products, months)
    dice = chance(seed, "demand")
    pieces = dice.poisson(mean * dice.gamma(18, 1 / 18, mean.shape)).astype(np.int64)
    pieces = _intermittent(pieces, units, products, dice)
    pieces = _leftovers(_mishaps(pieces, seed), units, products)
    return Demand(units, pieces, promoted)


def expected(units: pd.DataFrame, products: pd.DataFrame, seed: int, first: int, months: int) -> Floats:
    """Level × growth × season, before campaigns and lives; may reach beyond the history."""
    dice = chance(seed, "levels")
    of_product = products.iloc[units["product"].to_numpy()]
    market = units["market"].to_numpy()
    share = np.array([m[5] for m in MARKETS])[market]
    level = of_product["level"].to_numpy() * share * dice.lognormal(0, 0.35, len(units))
    growth = of_product["growth"].to_numpy() + np.array([m[6] for m in MARKETS])[market]
    years = (np.arange(months) - HISTORY) / 12
    trend = np.exp(np.log1p(growth)[:, None] * years[None, :])
    return np.asarray(level[:, None] * trend * season(units, products, first, months), dtype=float)


def season(units: pd.DataFrame, products: pd.DataFrame, first: int, months: int) -> Floats:
    """A smooth year around each family's peak; online shops add their November."""
    month = (first + np.arange(months)) % 12
    line = products["line"].to_numpy()[units["product"].to_numpy()]
    peak = np.array([family.peak - 1 for family in LINES])[line]
    swing = np.array([family.swing for family in LINES])[line]
    wave = np.exp(swing[:, None] * np.cos(2 * np.pi * (month[None, :] - peak[:, None]) / 12))
    year = np.exp(swing[:, None] * np.cos(2 * np.pi * (np.arange(12)[None, :] - peak[:, None]) / 12))
    is_online = np.array([market[0].endswith("ONLINE") for market in MARKETS])[units["market"].to_numpy()]
    november = np.where(is_online[:, None] & (month == 10)[None, :], 1.45, 1.0)
    return np.asarray(wave / year.mean(axis=1, keepdims=True) * november, dtype=float)


def uplift(
    units: pd.DataFrame, products: pd.DataFrame, promotions: list[Promotion], first: int, months: int
) -> Floats:
    """Expected share of extra demand by unit and month."""
    extra = np.zeros((len(units), months))
    family = products["family"].to_numpy()[units["product"].to_numpy()]
    market = np.array([m[0] for m in MARKETS])[units["market"].to_numpy()]
    for promotion in promotions:
        at = promotion.month - first
        if 0 <= at < months:
            hit = np.isin(family, promotion.families) & np.isin(market, promotion.markets)
            extra[hit, at] = promotion.uplift
    return extra


def _hangover(promoted: Floats) -> Floats:
    """Who bought in the campaign does not buy in the month after."""
    after = np.zeros_like(promoted)
    after[:, 1:] = promoted[:, :-1]
    return np.asarray(1 - 0.25 * after, dtype=float)


def alive(units: pd.DataFrame, products: pd.DataFrame, months: int) -> Floats:
    """Nothing before the launch, half a year to grow up, half a year to fade before the end."""
    at = np.arange(months)[None, :]
    launch = products["launch"].to_numpy()[units["product"].to_numpy()][:, None]
    end = products["end"].to_numpy()[units["product"].to_numpy()][:, None]
    grown = np.where(launch == ALWAYS, 1.0, np.clip((at - launch + 1) / 6, 0, 1))
    faded = np.where(end == NEVER, 1.0, np.clip((end - at + 1) / 6, 0, 1))
    return np.asarray(grown * faded, dtype=float)


def _intermittent(
    pieces: Ints, units: pd.DataFrame, products: pd.DataFrame, dice: np.random.Generator
) -> Ints:
    """Slow movers sell in one month of three."""
    slow = products["intermittent"].to_numpy()[units["product"].to_numpy()]
    happens = dice.random(pieces.shape) < 0.33
    small = dice.geometric(0.3, pieces.shape)
    return np.where(slow[:, None], np.where(happens, small, 0), pieces)


def _mishaps(pieces: Ints, seed: int) -> Ints:
    """A few tenders that will not come again, and a few months lost by some system."""
    dice = chance(seed, "mishaps")
    spoilt = pieces.copy()
    count = max(4, len(pieces) // 50)
    strong = np.flatnonzero(np.median(pieces, axis=1) >= 15)
    for unit in dice.choice(strong, count, replace=False):
        spoilt[unit, dice.integers(12, pieces.shape[1])] *= int(dice.integers(5, 9))
    for unit in dice.choice(strong, count, replace=False):
        at = dice.integers(12, pieces.shape[1] - 3)
        spoilt[unit, at : at + dice.integers(1, 3)] = 0
    return spoilt


def _leftovers(pieces: Ints, units: pd.DataFrame, products: pd.DataFrame) -> Ints:
    """The last boxes of a product that is off the list are still sold here and there."""
    end = products["end"].to_numpy()[units["product"].to_numpy()]
    over = np.flatnonzero(end + 3 < pieces.shape[1])[::7]
    sold = pieces.copy()
    sold[over, end[over] + 2] = 2 + over % 4
    return sold
