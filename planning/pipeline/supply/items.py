"""Which site supplies which market: the rows of the programme.

An item is a product at a site. A product with a bill of capacity is made at every site whose
resources the bill names; a market is supplied by the nearest of them in the tree of markets. A
product without one is bought, and arrives where most of it is kept.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.errors import Reason, Refused
from planning.pipeline.supply.facts import Facts, Tree, grouped

FAR = 1_000  # farther than any two markets: a site without a market


@dataclass(frozen=True)
class Items:
    """The items as a table (product, site, made), and where demand and stock belong, by row number."""

    table: pd.DataFrame
    of_market: dict[tuple[int, int], int]  # (product, market) → row
    of_site: dict[tuple[int, int], int]  # (product, site) → row


def distance(markets: Tree, one: int | None, other: int | None) -> int:
    """Steps from one market to another over their nearest common ancestor."""
    if one is None or other is None:
        return FAR
    up, down = markets.way_up(one), markets.way_up(other)
    for steps, node in enumerate(up):
        if node in down:
            return steps + down.index(node)
    return len(up) + len(down)


class Nearest:
    """The nearest of some sites to a market. Of equally near ones the first by code."""

    def __init__(self, facts: Facts) -> None:
        self._markets, self._sites = facts.markets, facts.sites
        self._known: dict[tuple[int | None, tuple[int, ...]], int] = {}

    def to(self, market: int | None, sites: tuple[int, ...]) -> int:
        """The nearest of the sites to the market, worked out once for the same question."""
        key = (market, sites)
        if key not in self._known:
            self._known[key] = min(sites, key=lambda site: self._order(market, site))
        return self._known[key]

    def to_site(self, site: int, sites: tuple[int, ...]) -> int:
        """The site itself where it is among them."""
        return site if site in sites else self.to(self.market_of(site), sites)

    def market_of(self, site: int) -> int | None:
        """The market in which the site lies; None where nobody said."""
        market: Any = self._sites.at[site, "market"]
        return None if pd.isna(market) else int(market)

    def _order(self, market: int | None, site: int) -> tuple[int, str]:
        return distance(self._markets, market, self.market_of(site)), str(self._sites.at[site, "code"])


def items_of(facts: Facts) -> Items:
    """One row for each product and site that supplies it."""
    sites = _sites_of_products(facts)
    rows = [(product, site) for product in sorted(sites) for site in sites[product][0]]
    table = pd.DataFrame(rows, columns=["product", "site"], dtype="int64")
    table["made"] = [sites[product][1] for product, _ in rows]
    number = {pair: place for place, pair in enumerate(rows)}
    nearest = Nearest(facts)
    wanted = {*_pairs(facts.demand, "market"), *_pairs(facts.owed, "market")}
    of_market = {(p, m): number[p, nearest.to(m, sites[p][0])] for p, m in wanted}
    of_site = {
        (p, s): number[p, nearest.to_site(s, sites[p][0])]
        for p, s in _pairs(facts.stock, "site")
        if p in sites
    }
    return Items(table, of_market, of_site)


def _sites_of_products(facts: Facts) -> dict[int, tuple[tuple[int, ...], bool]]:
    """Where each product that is asked for or kept comes from, and whether it is made there."""
    makers = _makers(facts)
    kept = facts.stock[facts.stock["quantity"] > 0].sort_values(["quantity", "site"], ascending=[False, True])
    keepers = grouped(zip(kept["product"].astype(int), kept["site"].astype(int), strict=True))
    asked = {*facts.demand["product"].astype(int), *facts.owed["product"].astype(int), *keepers}
    fallback = _first_store(facts) if asked else 0
    found: dict[int, tuple[tuple[int, ...], bool]] = {}
    for product in asked:
        if product in makers:
            found[product] = (makers[product], True)
        else:
            found[product] = ((keepers.get(product, [fallback])[0],), False)
    return found


def _makers(facts: Facts) -> dict[int, tuple[int, ...]]:
    uses = facts.uses
    sites = uses["resource"].map(facts.resources["site"]).astype("int64")
    found = grouped(zip(uses["product"].astype(int), sites, strict=True))
    return {product: tuple(sorted(set(places))) for product, places in found.items()}


def _first_store(facts: Facts) -> int:
    """Where bought products arrive that are kept nowhere yet: the first warehouse, else any site."""
    if facts.sites.empty:
        text = "There is no site to make or keep anything at. Add a plant or a warehouse to the catalog."
        raise Refused(Reason(text, "no_site", url="/catalog/sites/"))
    order = facts.sites.assign(rank=facts.sites["kind"].map({"warehouse": 0, "plant": 1}).fillna(2))
    return int(order.sort_values(["rank", "code"]).index[0])


def _pairs(table: pd.DataFrame, other: str) -> set[tuple[int, int]]:
    return set(zip(table["product"].astype(int), table[other].astype(int), strict=True))
