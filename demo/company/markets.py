"""Where and to whom the company sells: markets, accounts, reps, currencies' rates."""

import numpy as np
import pandas as pd

from demo.company.span import chance, first_days
from demo.company.trade import (
    BASE_CURRENCY,
    CHAINS,
    CITIES,
    COUNTRIES,
    CURRENCIES,
    MARKETS,
    REGIONS,
    REPS,
    SHOPS,
    WEB_SHOPS,
)

BRANCHES = 13  # accounts of a retail market at scale 1
MOST_SCALE = 5  # more products do not mean ever more shops


def market_tables(seed: int, first: int, months: int) -> dict[str, pd.DataFrame]:
    """Markets, reps and month rates (a year ahead as well: plans need them)."""
    return {
        "markets": _markets(),
        "month_rates": _rates(seed, first, months + 18),
        "reps": _reps(),
    }


def _markets() -> pd.DataFrame:
    regions = [
        {"code": code, "name": name, "kind": "region", "parent": parent}
        for code, (name, parent) in REGIONS.items()
    ]
    countries = [
        {"code": code, "name": name, "kind": "country", "parent": region, "currency": _currency_of(code)}
        for code, (name, region) in COUNTRIES.items()
    ]
    channels = [
        {"code": m[0], "name": m[1], "kind": "channel", "parent": m[3], "currency": m[4]} for m in MARKETS
    ]
    return pd.DataFrame([*regions, *countries, *channels]).fillna("")


def _currency_of(country: str) -> str:
    return next(market[4] for market in MARKETS if market[3] == country)


def _reps() -> pd.DataFrame:
    rows = [
        {
            "code": code,
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@tarnfell.example",
            "job_title": title,
            "manager": manager,
            "market": market,
        }
        for code, name, title, manager, market in REPS
    ]
    return pd.DataFrame(rows)


def month_rates(seed: int, first: int, months: int) -> dict[str, np.ndarray]:
    """What one unit of each foreign currency is worth in euro, month by month."""
    dice = chance(seed, "rates")
    foreign = {code: rate for code, (_, rate) in CURRENCIES.items() if code != BASE_CURRENCY}
    return {
        code: np.round(rate * np.exp(np.cumsum(dice.normal(0, 0.008, months)) * 0.7), 5)
        for code, rate in foreign.items()
    }


def _rates(seed: int, first: int, months: int) -> pd.DataFrame:
    days = first_days(first + np.arange(months))
    parts = [
        pd.DataFrame({"currency": code, "month": days, "rate": values})
        for code, values in month_rates(seed, first, months).items()
    ]
    return pd.concat(parts, ignore_index=True)


def make_accounts(scale: int, seed: int) -> pd.DataFrame:
    """Customers of each market with a weight (how much they buy) and a discount."""
    dice = chance(seed, "accounts")
    rows = [row for market in MARKETS for row in _accounts_of(market, min(scale, MOST_SCALE), dice)]
    table = pd.DataFrame(rows)
    table.insert(0, "code", [f"C{1001 + place}" for place in range(len(table))])
    table["parent"] = _parents(table)
    return table


def _accounts_of(market: tuple, scale: int, dice: np.random.Generator) -> list[dict[str, object]]:
    code, country = market[0], market[3]
    owners = [rep[0] for rep in REPS if rep[4] == code]
    names = _web_names(country) if code.endswith("ONLINE") else _shop_names(country, BRANCHES * scale, dice)
    weights = dice.pareto(1.6, len(names)) + 0.3
    return [
        {
            "name": name,
            "market": code,
            "owner": owners[place % len(owners)],
            "industry": "Online retail" if code.endswith("ONLINE") else "Sporting goods retail",
            "employees": int(dice.integers(4, 420)),
            "country": COUNTRIES[country][0],
            "city": city,
            "chain": chain,
            "weight": weight,
            "discount": float(dice.choice([0, 0.02, 0.03, 0.05, 0.08])),
        }
        for place, ((name, city, chain), weight) in enumerate(zip(names, weights, strict=True))
    ]


def _web_names(country: str) -> list[tuple[str, str, str]]:
    return [(f"{name} {COUNTRIES[country][0]}", CITIES[country][0], "") for name in WEB_SHOPS]


def _shop_names(country: str, count: int, dice: np.random.Generator) -> list[tuple[str, str, str]]:
    """A third of the shops belong to a chain; each name is used once."""
    cities = CITIES[country]
    chains = dice.choice(CHAINS, 3, replace=False)
    independents = dice.permutation([name for name in CHAINS if name not in chains])
    names = []
    for place in range(count):
        city, number = cities[place % len(cities)], place // (len(cities) * 3)
        end = f" {number + 1}" if number else ""
        if place % 3 == 0:
            chain = str(chains[place // 3 % 3])
            names.append((f"{chain} {city}{_times(place // 9)}", city, chain))
        else:
            word = SHOPS[(place * 2 + len(city)) % len(SHOPS)]
            names.append((f"{independents[place % len(independents)]} {word} {city}{end}", city, ""))
    return names


def _times(number: int) -> str:
    return f" {number + 1}" if number else ""


def _parents(accounts: pd.DataFrame) -> pd.Series:
    """The first shop of a chain in a market is its head office."""
    head = accounts.groupby(["market", "chain"])["code"].transform("first")
    return head.where((accounts["chain"] != "") & (head != accounts["code"]), "")


def account_file(accounts: pd.DataFrame) -> pd.DataFrame:
    return accounts.drop(columns=["chain", "weight", "discount"])
