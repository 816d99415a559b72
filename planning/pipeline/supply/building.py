"""The facts as a supply problem: what each number of the programme means is decided here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planning.engine.inventory import safety_stock
from planning.engine.scenario import (
    Change,
    change_problem,
    demand_factors,
    read_changes,
    service_level_of,
)
from planning.engine.supply import Problem, Products, Resources
from planning.engine.supply.problem import Floats
from planning.models import DemandVersion, Scenario
from planning.pipeline.supply.capacities import capacity_over
from planning.pipeline.supply.facts import Facts, load_facts
from planning.pipeline.supply.items import Items, items_of

NOMINAL = 1.0  # a unit's price and cost where nobody entered any
OVERTIME_PREMIUM = 1.5  # of the regular cost, where a resource has no overtime cost
SHORT_OF_TARGET = 2.0  # of the cost of keeping a unit: worth building stock for, not worth overtime
LEAST_SHARE = 0.005  # of a unit's cost: nothing late or short is free


@dataclass(frozen=True)
class Policy:
    """The company's settings that the plan follows; percents as people type them."""

    service_level: float
    lead_time: float
    holding_percent: float
    backlog_percent: float
    outsourcing_percent: float


@dataclass(frozen=True)
class Built:
    """A problem with what people need to read its plan: rows by id, prices, costs, warnings."""

    problem: Problem
    items: pd.DataFrame  # product, site, made: one row for each item of the problem
    resources: list[int]
    months: tuple[Any, ...]
    price: Floats  # (items, months)
    cost: Floats  # (items,)
    warnings: list[str]
    facts: Facts


def build(scenario: Scenario, version: DemandVersion, policy: Policy) -> Built:
    """The problem of a scenario for a frozen demand. Raises ValueError for changes that cannot be."""
    return build_from(load_facts(version), read_changes(scenario.changes), policy)


def build_from(facts: Facts, changes: list[Change], policy: Policy) -> Built:
    """The same from tables: for problems that come from elsewhere."""
    items = items_of(facts)
    months = tuple(f"{month:%Y-%m}" for month in facts.months)
    families = [
        facts.families.codes_above(int(f)) for f in items.table["product"].map(facts.products["family"])
    ]
    cells = _changed_demand(facts, changes, months)
    rows = _rows(cells, items)
    demand, revenue, spent = (
        _by_item(rows, cells, name, items, facts) for name in ("quantity", "revenue", "spent")
    )
    warnings: list[str] = []
    cost = _unit_costs(facts, items, demand.sum(axis=1), spent.sum(axis=1), warnings)
    price = _prices(demand, revenue, cost)
    resources, use = _resources(facts, items, months, warnings)
    level = service_level_of(changes, policy.service_level)
    target = _targets(facts, items, demand, level, policy.lead_time, warnings)
    products = _products(facts, items, use, resources, cost, price.mean(axis=1), policy, warnings)
    problem = Problem(months, products, resources, demand, target, use)
    problem = change_problem(problem, changes, families)
    keys = [int(key) for key in _constrained(facts).index]
    return Built(problem, items.table, keys, facts.months, price, cost, warnings, facts)


def _changed_demand(facts: Facts, changes: list[Change], months: tuple[str, ...]) -> pd.DataFrame:
    """The cells of the demand with the scenario's factors, and their revenue and cost."""
    cells = facts.demand.copy()
    cells["place"] = cells["month"].map({month: place for place, month in enumerate(facts.months)})
    cells = cells.dropna(subset=["place"])
    units = cells.drop_duplicates("unit")[["unit", "product", "market"]].reset_index(drop=True)
    families = [facts.families.codes_above(int(f)) for f in units["product"].map(facts.products["family"])]
    markets = [facts.markets.codes_above(int(market)) for market in units["market"]]
    factors = demand_factors(changes, months, families, markets)
    row = cells["unit"].map({unit: place for place, unit in enumerate(units["unit"])}).to_numpy(dtype=int)
    cells["quantity"] *= factors[row, cells["place"].to_numpy(dtype=int)] if len(cells) else 1.0
    return cells.assign(revenue=cells["quantity"] * cells["price"], spent=cells["quantity"] * cells["cost"])


def _rows(cells: pd.DataFrame, items: Items) -> np.ndarray:
    pairs = zip(cells["product"].astype(int), cells["market"].astype(int), strict=True)
    return np.fromiter((items.of_market[pair] for pair in pairs), dtype=int, count=len(cells))


def _by_item(rows: np.ndarray, cells: pd.DataFrame, name: str, items: Items, facts: Facts) -> Floats:
    total = np.zeros((len(items.table), len(facts.months)))
    np.add.at(total, (rows, cells["place"].to_numpy(dtype=int)), cells[name].to_numpy(dtype=float))
    return np.maximum(total, 0.0)


def _unit_costs(facts: Facts, items: Items, units: Floats, spent: Floats, warnings: list[str]) -> Floats:
    """What a unit costs: at its site, else as in the demand plan, else anywhere, else nominally."""
    table = items.table
    at_site = facts.costs.dropna(subset=["site"]).set_index(["product", "site"])["amount"]
    anywhere = facts.costs[facts.costs["site"].isna()].groupby("product")["amount"].last()
    here = pd.MultiIndex.from_frame(table[["product", "site"]])
    with np.errstate(divide="ignore", invalid="ignore"):
        planned = np.where(units > 0, spent / units, 0.0)
    found = at_site.groupby(level=[0, 1]).last().reindex(here).to_numpy(dtype=float, na_value=0.0)
    found = np.where(found > 0, found, planned)
    found = np.where(found > 0, found, table["product"].map(anywhere).fillna(0.0).to_numpy(dtype=float))
    unknown = int((found <= 0).sum())
    if unknown:
        warnings.append(
            f"{_count(unknown, 'product has', 'products have')} no cost; the plan counts {NOMINAL:g} a unit, "
            "so that it can choose, but its money means little there."
        )
    return np.where(found > 0, found, NOMINAL)


def _prices(demand: Floats, revenue: Floats, cost: Floats) -> Floats:
    """The mean price by item and month; where nothing is asked for, the item's mean; else the cost."""
    total = demand.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(total > 0, revenue.sum(axis=1) / total, 0.0)
        price = np.where(demand > 0, revenue / demand, mean[:, None])
    mean = np.where(mean > 0, mean, cost)
    return np.where(price > 0, price, mean[:, None])


def _constrained(facts: Facts) -> pd.DataFrame:
    """The resources that make something and whose capacity somebody has entered."""
    known = set(facts.capacity["resource"]) & set(facts.uses["resource"])
    return facts.resources[facts.resources.index.isin(known)]


def _resources(
    facts: Facts, items: Items, months: tuple[str, ...], warnings: list[str]
) -> tuple[Resources, Floats]:
    table = _constrained(facts)
    keys = [int(key) for key in table.index]
    regular, overtime, extended = capacity_over(facts.capacity, keys, facts.months)
    _warn_of_capacity(facts, keys, extended, warnings)
    cost = table["regular_cost"].fillna(0.0).to_numpy(dtype=float)
    extra = table["overtime_cost"].to_numpy(dtype=float)
    none = np.zeros(len(keys))
    return (
        Resources(
            ids=tuple(table["code"]),
            regular=regular,
            overtime=overtime,
            regular_cost=cost,
            overtime_cost=np.maximum(np.where(np.isnan(extra), cost * OVERTIME_PREMIUM, extra), cost),
            hours_per_worker=none,
            overtime_per_worker=none,
            opening_workers=none,
            worker_cost=none,
            hire_cost=none,
            layoff_cost=none,
        ),
        _use(facts, items, keys),
    )


def _warn_of_capacity(facts: Facts, keys: list[int], extended: dict[int, int], warnings: list[str]) -> None:
    codes = facts.resources["code"]
    missing = sorted(str(codes[key]) for key in set(facts.uses["resource"].astype(int)) - set(keys))
    if missing:
        warnings.append(f"No capacity is known of {', '.join(missing)}; the plan takes it as unlimited.")
    if extended:
        most = max(extended.values())
        warnings.append(
            f"Capacity of {_count(len(extended), 'resource', 'resources')} is not entered for up to "
            f"{_count(most, 'month', 'months')}; the same month of an earlier year stands for it."
        )


def _use(facts: Facts, items: Items, keys: list[int]) -> Floats:
    """What a unit takes of each resource at the item's own site, (resources, items)."""
    use = np.zeros((len(keys), len(items.table)))
    row = {key: place for place, key in enumerate(keys)}
    column = {
        (p, s): n for n, (p, s) in enumerate(zip(items.table["product"], items.table["site"], strict=True))
    }
    for product, resource, per_unit in facts.uses.itertuples(index=False):
        place = column.get((product, facts.resources.at[resource, "site"]))
        if place is not None and resource in row:
            use[row[resource], place] += per_unit
    return use


def _targets(
    facts: Facts, items: Items, demand: Floats, level: float, lead_time: float, warnings: list[str]
) -> Floats:
    """Safety stock against the error of the forecast, (items, months); none once demand has ended."""
    if facts.errors.empty:
        if demand.sum() > 0:
            warnings.append("No forecast is pinned: stock targets are 0, for its error is not known.")
        return np.zeros_like(demand)
    units = facts.demand.drop_duplicates("unit").merge(facts.errors, on="unit")
    variance = np.zeros(len(items.table))
    np.add.at(variance, _rows(units, items), units["variance"].to_numpy(dtype=float))
    count = np.ones(len(items.table))
    safety = safety_stock(np.sqrt(variance), lead_time * count, level / 100, demand.mean(axis=1), 0.0 * count)
    still = np.maximum.accumulate(demand[:, ::-1] > 0, axis=1)[:, ::-1]
    return safety[:, None] * still


def _products(
    facts: Facts,
    items: Items,
    use: Floats,
    resources: Resources,
    cost: Floats,
    price: Floats,
    policy: Policy,
    warnings: list[str],
) -> Products:
    """The costs: a unit's cost holds its regular time, so that material is the rest of it; buying what
    could be made costs the outsourcing surcharge; lost sales come after everything else."""
    made = items.table["made"].to_numpy(dtype=bool)
    keeping = cost * policy.holding_percent / 1200
    late = np.maximum(price * policy.backlog_percent / 100, cost * LEAST_SHARE)
    buying = np.where(made, cost * (1 + policy.outsourcing_percent / 100), cost)
    dearest = cost + use.T @ (resources.overtime_cost - resources.regular_cost)
    stock, owed = _opening_stock(facts, items, warnings), _opening_backlog(facts, items)
    nothing = np.zeros(len(cost))
    return Products(
        ids=_ids(facts, items),
        make_cost=np.where(made, np.maximum(cost - use.T @ resources.regular_cost, 0.0), np.inf),
        buy_cost=buying,
        buy_limit=np.full(len(cost), np.inf),
        holding_cost=keeping,
        backlog_cost=late,
        lost_cost=np.maximum.reduce([price, buying, dearest]) + (late + keeping) * len(facts.months),
        short_cost=np.maximum(SHORT_OF_TARGET * keeping, cost * LEAST_SHARE),
        opening_stock=stock,
        opening_backlog=owed,
        ending_stock=nothing,
        ending_backlog=owed,
        ending_value=np.minimum(cost, buying),
    )


def _ids(facts: Facts, items: Items) -> tuple[str, ...]:
    product, site = (
        items.table["product"].map(facts.products["code"]),
        items.table["site"].map(facts.sites["code"]),
    )
    return tuple(f"{one}:{other}" for one, other in zip(product, site, strict=True))


def _opening_stock(facts: Facts, items: Items, warnings: list[str]) -> Floats:
    stock = np.zeros(len(items.table))
    negative = 0
    for site, product, quantity in facts.stock[["site", "product", "quantity"]].itertuples(index=False):
        place = items.of_site.get((int(product), int(site)))
        if place is not None:
            stock[place] += max(quantity, 0.0)
            negative += quantity < 0
    if negative:
        warnings.append(f"{_count(negative, 'stock level is', 'stock levels are')} below 0 and counted as 0.")
    return stock


def _opening_backlog(facts: Facts, items: Items) -> Floats:
    owed = np.zeros(len(items.table))
    for product, market, quantity in facts.owed[["product", "market", "quantity"]].itertuples(index=False):
        owed[items.of_market[int(product), int(market)]] += quantity
    return owed


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
