"""A solved plan into its tables, by COPY."""

from typing import Any

import numpy as np

from core.binary_copy import days, write_arrays
from planning.engine.supply import Solution
from planning.models import ResourceLoad, SupplyRun, SupplyValue
from planning.pipeline.supply.building import Built
from planning.pipeline.supply.summary import wanted_load

VALUES = ("demand", "make", "buy", "stock", "target", "backlog", "lost", "price", "cost", "demand_price")
LOADS = ("wanted", "load", "regular", "overtime", "overtime_limit", "capacity_price")


def store_plan(run: SupplyRun, built: Built, plan: Solution) -> None:
    """Write the rows of a run. Call it inside the transaction that ends the run."""
    _store_values(run, built, plan)
    _store_loads(run, built, plan)


def _store_values(run: SupplyRun, built: Built, plan: Solution) -> None:
    months = len(built.months)
    keys = {
        "product_id": built.items["product"].to_numpy(dtype=np.int64),
        "site_id": built.items["site"].to_numpy(dtype=np.int64),
    }
    amounts = {
        "demand": built.problem.demand,
        "target": built.problem.target_stock,
        "price": built.price,
        "cost": np.repeat(built.cost[:, None], months, axis=1),
    }
    amounts |= {name: getattr(plan, name) for name in VALUES if name not in amounts}
    _copy(SupplyValue._meta.db_table, run, built, keys, {name: amounts[name] for name in VALUES})


def _store_loads(run: SupplyRun, built: Built, plan: Solution) -> None:
    resources = built.problem.resources
    amounts = {
        "wanted": wanted_load(built),
        "load": plan.load,
        "regular": resources.regular,
        "overtime": plan.overtime,
        "overtime_limit": resources.overtime,
        "capacity_price": plan.capacity_price,
    }
    keys = {"resource_id": np.array(built.resources, dtype=np.int64)}
    _copy(ResourceLoad._meta.db_table, run, built, keys, {name: amounts[name] for name in LOADS})


def _copy(
    table: str, run: SupplyRun, built: Built, keys: dict[str, Any], amounts: dict[str, np.ndarray]
) -> None:
    """Rows of (key × month); solver's noise around zero is cut."""
    rows, months = len(next(iter(keys.values()))), len(built.months)
    if not rows:
        return
    columns: dict[str, Any] = {"run_id": np.full(rows * months, run.pk, dtype=np.int64)}
    columns |= {name: np.repeat(values, months) for name, values in keys.items()}
    columns["month"] = np.tile(days(list(built.months)), rows)
    columns |= {
        name: np.where(np.abs(values) < 1e-7, 0.0, values).ravel() for name, values in amounts.items()
    }
    kinds = dict.fromkeys(("run_id", *keys), ">i8") | {"month": ">i4"} | dict.fromkeys(amounts, ">f8")
    write_arrays(table, columns, kinds)
