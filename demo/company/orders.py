"""Order lines, returns and open orders: months of demand cut into what dealers really order."""

import numpy as np
import pandas as pd

from demo.company.demand import Demand
from demo.company.markets import month_rates
from demo.company.products import DEALER_SHARE, cost_index, price_index
from demo.company.span import HISTORY, Ints, chance, first_day, first_days
from demo.company.trade import BASE_CURRENCY, CURRENCIES, MARKETS

MOST_LINES = 4  # of one demand unit in one month
CAMPAIGN_CUT, CLEARANCE_CUT = 0.12, 0.52
COLUMNS = ["order_number", "line", "day", "product", "market", "account", "rep", "quantity", "unit_price",
           "revenue", "cost", "currency"]  # fmt: skip


def make_lines(
    demand: Demand, products: pd.DataFrame, accounts: pd.DataFrame, seed: int, first: int
) -> pd.DataFrame:
    """All order lines of the history, by day."""
    dice = chance(seed, "orders")
    unit, month, pieces = _split(demand.pieces, dice)
    lines = pd.DataFrame({"unit": unit, "month": month, "quantity": pieces})
    lines["item"] = demand.units["product"].to_numpy()[unit]
    lines["place"] = demand.units["market"].to_numpy()[unit]
    lines["customer"] = _customers(lines["place"].to_numpy(), accounts, dice)
    lines["day"] = _days(first + month, lines["customer"].to_numpy(), dice)
    lines["is_promoted"] = demand.promoted[unit, month] > 0
    lines = _numbered(lines)
    return _priced(_named(lines, products, accounts), products, accounts, seed, first)


def _split(pieces: Ints, dice: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Cut each month's pieces of a unit into one to four lines; the last one takes the rest."""
    unit, month = np.nonzero(pieces)
    total = pieces[unit, month]
    lines = np.minimum(1 + dice.poisson(np.log2(total + 1) / 4), np.minimum(total, MOST_LINES))
    of = np.repeat(np.arange(len(total)), lines)
    weight = dice.gamma(3, 1, len(of))
    share = weight / np.bincount(of, weight)[of]
    cut = np.maximum(np.floor(total[of] * share), 1).astype(np.int64)
    rest = total - np.bincount(of, cut, len(total)).astype(np.int64)
    cut[np.cumsum(lines) - 1] += rest
    sold = cut > 0
    return unit[of][sold], month[of][sold], cut[sold]


def _customers(place: Ints, accounts: pd.DataFrame, dice: np.random.Generator) -> Ints:
    chosen = np.zeros(len(place), dtype=np.int64)
    for index, market in enumerate(MARKETS):
        here = np.flatnonzero(place == index)
        buyers = np.flatnonzero(accounts["market"].to_numpy() == market[0])
        weight = accounts["weight"].to_numpy()[buyers]
        chosen[here] = dice.choice(buyers, len(here), p=weight / weight.sum())
    return chosen


def _days(month: Ints, customer: Ints, dice: np.random.Generator) -> np.ndarray:
    """Every dealer orders on four days of the month of its own, moved off Saturdays and Sundays."""
    begin = first_days(month)
    day = begin + (customer * 5 + dice.integers(0, 4, len(month)) * 7) % 28
    weekday = (day.astype("datetime64[D]").astype(np.int64) + 3) % 7
    earlier = day - np.where(weekday >= 5, weekday - 4, 0)
    return np.where(earlier < begin, day + np.where(weekday >= 5, 7 - weekday, 0), earlier)


def _numbered(lines: pd.DataFrame) -> pd.DataFrame:
    """One order per dealer and day; its lines count 10, 20, 30 as in any ERP."""
    lines = lines.sort_values(["day", "customer", "unit"], kind="stable", ignore_index=True)
    order = lines.groupby(["day", "customer"], sort=False).ngroup()
    lines["order_number"] = "SO" + (500_001 + order).astype(str)
    lines["line"] = (lines.groupby(order).cumcount() + 1) * 10
    return lines


def _named(lines: pd.DataFrame, products: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    return lines.assign(
        product=products["code"].to_numpy()[lines["item"]],
        market=np.array([market[0] for market in MARKETS])[lines["place"]],
        account=accounts["code"].to_numpy()[lines["customer"]],
        rep=accounts["owner"].to_numpy()[lines["customer"]],
        currency=np.array([market[4] for market in MARKETS])[lines["place"]],
    )


def _priced(
    lines: pd.DataFrame, products: pd.DataFrame, accounts: pd.DataFrame, seed: int, first: int
) -> pd.DataFrame:
    month = lines["month"].to_numpy()
    item = lines["item"].to_numpy()
    fixed = np.array([CURRENCIES[code][1] for code in CURRENCIES])[_currency(lines)]
    listed = (
        np.round(products["price"].to_numpy()[item] * DEALER_SHARE * price_index(first + month, first), 2)
        / fixed
    )
    price = listed * (1 - accounts["discount"].to_numpy()[lines["customer"]])
    price *= np.where(lines["is_promoted"], 1 - CAMPAIGN_CUT, 1)
    price *= np.where(products["end"].to_numpy()[item] - month < 4, CLEARANCE_CUT, 1)
    cost = products["cost"].to_numpy()[item] * cost_index(first + month, first) / _rates(lines, seed, first)
    lines["unit_price"] = np.round(price, 2)
    lines["revenue"] = np.round(lines["unit_price"] * lines["quantity"], 2)
    lines["cost"] = np.round(cost * lines["quantity"], 2)
    return lines


def _currency(lines: pd.DataFrame) -> Ints:
    return np.asarray(lines["currency"].map({code: i for i, code in enumerate(CURRENCIES)}), dtype=np.int64)


def _rates(lines: pd.DataFrame, seed: int, first: int) -> np.ndarray:
    worth = month_rates(seed, first, HISTORY)
    table = np.array([np.ones(HISTORY) if c == BASE_CURRENCY else worth[c] for c in CURRENCIES])
    return np.asarray(table[_currency(lines), lines["month"].to_numpy()], dtype=float)


def make_returns(lines: pd.DataFrame, seed: int, first: int) -> pd.DataFrame:
    """What came back one to four weeks later: three times as often from online shops."""
    dice = chance(seed, "returns")
    is_online = lines["market"].str.endswith("ONLINE").to_numpy()
    back = lines[dice.random(len(lines)) < np.where(is_online, 0.045, 0.015)].copy()
    back["day"] = back["day"] + pd.to_timedelta(dice.integers(5, 28, len(back)), unit="D")
    part = np.ceil(back["quantity"] * dice.uniform(0.05, 0.35, len(back))).astype(np.int64)
    back["cost"] = np.round(back["cost"] / back["quantity"] * part, 2)
    back["quantity"] = part
    back["revenue"] = np.round(back["unit_price"] * part, 2)
    back["order_number"] = "RT" + back["order_number"].str.slice(2)
    ends = np.datetime64(first_day(first + HISTORY), "ns")
    return back[back["day"] < ends].sort_values(["day", "order_number"], kind="stable")[COLUMNS]


def make_open_orders(
    demand: Demand, products: pd.DataFrame, accounts: pd.DataFrame, seed: int, first: int
) -> pd.DataFrame:
    """What dealers have ordered for the coming weeks, as of the first day after the history."""
    dice = chance(seed, "open orders")
    recent = demand.pieces[:, -3:].mean(axis=1)
    units = np.flatnonzero((recent >= 4) & (dice.random(len(recent)) < 0.8))
    item = demand.units["product"].to_numpy()[units]
    place = demand.units["market"].to_numpy()[units]
    customer = _customers(place, accounts, dice)
    quantity = np.ceil(recent[units] * dice.uniform(0.1, 0.6, len(units))).astype(np.int64)
    as_of = np.datetime64(first_day(first + HISTORY), "D")
    price = products["price"].to_numpy()[item] * 0.62 * price_index(np.array([first + HISTORY]), first)[0]
    worth = np.array([CURRENCIES[market[4]][1] for market in MARKETS])[place]
    return pd.DataFrame(
        {
            "order_number": [f"SO{900_001 + number}" for number in range(len(units))],
            "line": 10,
            "as_of": as_of,
            "due": as_of + dice.integers(3, 75, len(units)),
            "product": products["code"].to_numpy()[item],
            "market": np.array([market[0] for market in MARKETS])[place],
            "account": accounts["code"].to_numpy()[customer],
            "quantity": quantity,
            "revenue": np.round(price / worth * quantity, 2),
            "currency": np.array([market[4] for market in MARKETS])[place],
        }
    )
