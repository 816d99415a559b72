"""Plants and stores: what a piece takes of the lines and of materials, capacity, stock."""

import numpy as np
import pandas as pd

from demo.company.demand import Demand
from demo.company.products import cost_index
from demo.company.span import HISTORY, Floats, chance, first_days, last_day
from demo.company.trade import COMPONENTS, LINES, PACKING, RESOURCES, SITES

STOCK_MONTHS, CAPACITY_BEHIND, CAPACITY_AHEAD = 13, 12, 18
LATE_SITE = "DC-LBA"  # its own system has not sent the last month yet
WAREHOUSES = {"DC-LEJ": 0.55, "DC-LIL": 0.30, "DC-LBA": 0.15}


def supply_tables(demand: Demand, products: pd.DataFrame, seed: int, first: int) -> dict[str, pd.DataFrame]:
    """Sites, resources, bills, capacity and month-end stock as files carry them."""
    uses = _uses(products, seed)
    return {
        "sites": pd.DataFrame(SITES, columns=["code", "name", "kind", "market"]),
        "resources": _resources(),
        "capacity_uses": uses.assign(valid_from=first_days(np.array([first]))[0]),
        "bills_of_materials": _materials(products, first),
        "capacity": _capacity(demand, products, uses, first),
        "stock": _stock(demand, products, seed, first),
    }


def _resources() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "code": r[0],
                "name": r[1],
                "site": r[2],
                "unit": "hour",
                "regular_cost": r[3],
                "overtime_cost": r[4],
            }
            for r in RESOURCES
        ]
    )


def _uses(products: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The line that makes it, and the packing of the same plant."""
    dice = chance(seed, "hours")
    plant = {resource[0]: resource[2] for resource in RESOURCES}
    rows = []
    for code, line, skill in zip(
        products["code"], products["line"], dice.lognormal(0, 0.12, len(products)), strict=True
    ):
        family = LINES[line]
        packing, hours = PACKING[plant[family.resource]]
        own = round(family.hours * skill, 4)
        rows.append({"product": code, "resource": family.resource, "per_unit": own})
        rows.append({"product": code, "resource": packing, "per_unit": hours})
    return pd.DataFrame(rows)


def _materials(products: pd.DataFrame, first: int) -> pd.DataFrame:
    begins = first_days(np.array([first]))[0]
    rows = [
        {"product": code, "component": part[0], "quantity": part[5], "valid_from": begins}
        for code, line in zip(products["code"], products["line"], strict=True)
        for part in COMPONENTS
        if LINES[line].group in part[4]
    ]
    return pd.DataFrame(rows)


def _load(demand: Demand, products: pd.DataFrame, uses: pd.DataFrame) -> dict[str, float]:
    """Hours a month that the last year took of each resource."""
    pieces = np.bincount(
        demand.units["product"], demand.pieces[:, -12:].sum(axis=1) / 12, minlength=len(products)
    )
    sold = pd.Series(pieces, index=products["code"])
    hours = uses["per_unit"] * uses["product"].map(sold)
    return {str(code): float(value) for code, value in hours.groupby(uses["resource"]).sum().items()}


def _capacity(demand: Demand, products: pd.DataFrame, uses: pd.DataFrame, first: int) -> pd.DataFrame:
    """Built for last year's mean and a margin; August and December have fewer shifts."""
    load = _load(demand, products, uses)
    months = first + HISTORY + np.arange(-CAPACITY_BEHIND, CAPACITY_AHEAD)
    shifts = np.select([months % 12 == 7, months % 12 == 11], [0.80, 0.85], 1.04)
    parts = [
        pd.DataFrame(
            {
                "resource": resource[0],
                "month": first_days(months),
                "regular": np.round(load[resource[0]] * resource[5] * shifts, -1),
                "overtime": np.round(load[resource[0]] * resource[5] * 0.15, -1),
            }
        )
        for resource in RESOURCES
    ]
    return pd.concat(parts, ignore_index=True)


def _stock(demand: Demand, products: pd.DataFrame, seed: int, first: int) -> pd.DataFrame:
    """Month-end stock of the last year by product and warehouse: some too much, some too little."""
    dice = chance(seed, "stock")
    cover = dice.gamma(4, 0.35, len(products))
    by_product = _by_product(demand, len(products))
    parts = []
    for at in range(HISTORY - STOCK_MONTHS, HISTORY):
        pace = by_product[:, at - 2 : at + 1].mean(axis=1)
        for site, share in WAREHOUSES.items():
            if site == LATE_SITE and at == HISTORY - 1:
                continue
            quantity = _counted(pace * cover * share, dice)
            value = quantity * products["cost"].to_numpy() * cost_index(np.array([first + at]), first)[0]
            parts.append(_level(site, products, quantity, value, last_day(first + at)))
    table = pd.concat([part[part["quantity"] > 0] for part in parts], ignore_index=True)
    wrong = table.index[-len(products) // 2]
    table.loc[wrong, ["quantity", "value"]] = [-6, 0]  # booked out before it was booked in
    return table


def late_report(demand: Demand, products: pd.DataFrame, seed: int, first: int) -> pd.DataFrame:
    """What the late warehouse's own system says in the end, in its own words."""
    dice = chance(seed, "late stock")
    pace = _by_product(demand, len(products))[:, HISTORY - 3 :].mean(axis=1)
    cover = dice.gamma(4, 0.35, len(products))
    quantity = _counted(pace * cover * WAREHOUSES[LATE_SITE], dice)
    day = last_day(first + HISTORY - 1)
    rows = {"Item": products["code"], "Report date": f"{day:%d/%m/%Y}", "On hand": quantity.astype(np.int64)}
    return pd.DataFrame(rows)[quantity > 0]


def _counted(expected: Floats, dice: np.random.Generator) -> Floats:
    return np.round(expected * dice.lognormal(0, 0.25, len(expected)))


def _by_product(demand: Demand, count: int) -> Floats:
    total = np.zeros((count, demand.pieces.shape[1]))
    np.add.at(total, demand.units["product"].to_numpy(), demand.pieces)
    return total


def _level(
    site: str, products: pd.DataFrame, quantity: np.ndarray, value: np.ndarray, day: object
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site": site,
            "product": products["code"],
            "day": day,
            "quantity": quantity.astype(np.int64),
            "value": np.round(value, 2),
        }
    )
