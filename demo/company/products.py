"""The range: products with their lives, who follows whom, prices and costs over the years."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.company.span import chance, first_day, last_day
from demo.company.trade import BASE_CURRENCY, COLOURS, COMPONENTS, CURRENCIES, GROUPS, LINES, UNITS

ALWAYS = -10_000  # launched long before the history begins
NEVER = 1_000_000
PER_LINE = 10
DEALER_SHARE = 0.62  # of the shop price that a dealer pays


@dataclass(frozen=True)
class Life:
    """When a product is sold, in months from the first month of history, and what that is called."""

    state: str
    launch: int = ALWAYS
    end: int = NEVER
    follows: int | None = None  # the place in its line of the product it replaces


def life_of(line: int, place: int, months: int) -> Life:
    """The eventful lives, spread over the lines so that every year sees some; the rest just sell."""
    renewal = months - 12 + line // 2
    lives = {
        (0, 0): Life("phase_out" if renewal + 8 >= months else "discontinued", end=renewal + 8),
        (0, 9): Life("active", launch=renewal, follows=0),
        (1, 8): Life("active", launch=months - 30 - line),
        (2, 7): Life("discontinued", end=months - 9),
        (3, 6): Life("planned", launch=months + 2),
        (4, 5): Life("launch", launch=months - 3),
    }
    kinds = {0: line % 2 == 0, 1: line % 3 == 1, 2: line % 3 == 2, 3: line in {3, 6, 9}, 4: line in {1, 5, 9}}
    for (kind, at), life in lives.items():
        if at == place and kinds[kind]:
            return life
    return Life("active")


def make_products(scale: int, seed: int, first: int, months: int) -> pd.DataFrame:
    """One row per finished product, with what the other generators need to know of it."""
    dice = chance(seed, "products")
    rows = [
        _product(line, place, edition, first, months)
        for edition in range(scale)
        for line in range(len(LINES))
        for place in range(PER_LINE)
    ]
    table = pd.DataFrame(rows)
    table["price"] = _charm(table["price"].to_numpy() * dice.lognormal(0, 0.16, len(table)))
    share = table["cost_share"].to_numpy() * dice.normal(1, 0.05, len(table))
    table["cost"] = np.round(table["price"].to_numpy() * DEALER_SHARE * share, 2)
    table["level"] *= dice.lognormal(0, 0.45, len(table))
    table["growth"] = dice.normal(0.02, 0.05, len(table))
    table["intermittent"] = (np.arange(len(table)) % 13 == 4) & (table["state"] == "active")
    return table


def _product(line: int, place: int, edition: int, first: int, months: int) -> dict[str, object]:
    family, life = LINES[line], life_of(line, place, months)
    is_renewed = life.follows is not None
    like = place if life.follows is None else life.follows
    return {
        "code": _code(line, place, edition),
        "name": _name(line, like, edition, is_renewed),
        "line": line,
        "family": family.code,
        "state": life.state,
        "launch": life.launch,
        "end": life.end,
        "launched_on": None if life.launch == ALWAYS else first_day(first + life.launch),
        "discontinued_on": None if life.end == NEVER else last_day(first + life.end),
        "predecessor": _code(line, like, edition) if is_renewed else "",
        "price": family.price * (1.0 + 0.22 * (place % 5 - 2) / 2) * (1.0, 0.8)[place // 5],
        "cost_share": family.cost_share,
        "level": family.level * (1.25 - 0.25 * (place % 5) / 2),
    }


def _code(line: int, place: int, edition: int) -> str:
    return f"{LINES[line].code[:3]}-{edition * PER_LINE + place + 101}"


def _name(line: int, place: int, edition: int, is_renewed: bool) -> str:
    family = LINES[line]
    words = f"{family.series[place % 5]} {family.variants[place // 5]}"
    colour, again = COLOURS[edition % len(COLOURS)], edition // len(COLOURS)
    words += f", {colour}" if colour else ""
    words += f" {2020 + again}" if again else ""
    return f"{words} II" if is_renewed else words


def _charm(prices: np.ndarray) -> np.ndarray:
    """Prices as shops write them: whole numbers that end in 9."""
    return np.asarray(np.maximum(np.round(prices / 10) * 10 - 1, 19), dtype=float)


def catalog_tables(products: pd.DataFrame, first: int, months: int, seed: int) -> dict[str, pd.DataFrame]:
    """Families, units, products, prices and costs as files carry them."""
    return {
        "units": pd.DataFrame([{"code": code, "name": name} for code, name in UNITS.items()]),
        "families": _families(),
        "products": _product_file(products),
        "prices": _prices(products, first, months),
        "costs": _costs(products, first, months, seed),
    }


def _families() -> pd.DataFrame:
    groups = [{"code": code, "name": name, "parent": ""} for code, name in GROUPS.items()]
    lines = [{"code": line.code, "name": line.name, "parent": line.group} for line in LINES]
    return pd.DataFrame([*groups, *lines, {"code": "MATERIALS", "name": "Materials", "parent": ""}])


def _product_file(products: pd.DataFrame) -> pd.DataFrame:
    columns = ["code", "name", "family", "life_cycle", "launched_on", "discontinued_on", "predecessor"]
    finished = products.rename(columns={"state": "life_cycle"})[columns].assign(unit="PCE")
    materials = pd.DataFrame(
        [{"code": part[0], "name": part[1], "unit": part[2]} for part in COMPONENTS]
    ).assign(family="MATERIALS", life_cycle="active", launched_on=None, discontinued_on=None, predecessor="")
    everything = pd.concat([finished, materials.astype(finished.dtypes.to_dict())], ignore_index=True)
    return everything.sort_values("predecessor", kind="stable", ignore_index=True)


def price_index(months: np.ndarray, first: int) -> np.ndarray:
    """List prices rise every January by about three percent."""
    return np.asarray(1.03 ** (months // 12 - first // 12), dtype=float)


def cost_index(months: np.ndarray, first: int) -> np.ndarray:
    """Costs rise with a jump in the third year, when cloth and freight became dear."""
    years = months // 12 - first // 12
    return np.asarray(1.02**years * np.where(years >= 2, 1.05, 1.0), dtype=float)


def _years(first: int, months: int) -> list[int]:
    return list(range(first // 12, (first + months) // 12 + 1))


def _prices(products: pd.DataFrame, first: int, months: int) -> pd.DataFrame:
    sterling = CURRENCIES["GBP"][1]
    parts = []
    for year in _years(first, months):
        amount = np.round(products["price"] * DEALER_SHARE * price_index(np.array([year * 12]), first)[0], 2)
        for market, currency, rate in (("", BASE_CURRENCY, 1.0), ("GB", "GBP", sterling)):
            values = np.round(amount / rate, 2)
            parts.append(_dated(products["code"], values, year, currency).assign(market=market))
    return pd.concat(parts, ignore_index=True)


def _costs(products: pd.DataFrame, first: int, months: int, seed: int) -> pd.DataFrame:
    parts = []
    materials = pd.DataFrame([{"code": part[0], "cost": part[3]} for part in COMPONENTS])
    everything = pd.concat([products[["code", "cost"]], materials], ignore_index=True)
    drift = chance(seed, "costs").normal(1, 0.01, (len(_years(first, months)), len(everything)))
    for turn, year in enumerate(_years(first, months)):
        amount = np.round(everything["cost"] * cost_index(np.array([year * 12]), first)[0] * drift[turn], 2)
        parts.append(_dated(everything["code"], amount, year, BASE_CURRENCY))
    return pd.concat(parts, ignore_index=True)


def _dated(codes: pd.Series, amounts: pd.Series, year: int, currency: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product": codes,
            "currency": currency,
            "amount": amounts,
            "valid_from": f"{year}-01-01",
            "valid_to": f"{year}-12-31",
        }
    )
