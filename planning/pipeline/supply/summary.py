"""What a plan says to people: its figures and its gaps. Kept with the run, as JSON."""

from typing import Any

import numpy as np

from planning.engine import gaps
from planning.engine.supply import Solution
from planning.pipeline.supply.building import Built

DAYS_A_MONTH = 30.4
# What is paid for in money; lost sales and stock below target steer the plan and are no payments.
PAID = {"make": "make", "overtime": "overtime", "buy": "buy", "stock": "holding", "backlog": "late"}


def summary_of(built: Built, plan: Solution, least_money: float) -> dict[str, Any]:
    """Units, base currency and shares (0 to 1). Gaps below `least_money` are left out."""
    costs = {kind: plan.costs.get(name, 0.0) for name, kind in PAID.items()}
    return {
        "items": len(built.items),
        "resources": len(built.resources),
        "units": _units(built, plan),
        "costs": costs,
        "cost": sum(costs.values()),
        **_money(built, plan, costs),
        "service": _service(built, plan),
        "days_of_supply": _days_of_supply(built, plan),
        "most_loaded": _most_loaded(built, plan),
        "gaps": gaps_of_plan(built, plan, least_money),
        "least_money": least_money,
        "warnings": built.warnings,
    }


def _units(built: Built, plan: Solution) -> dict[str, float]:
    sums = {name: float(getattr(plan, name).sum()) for name in ("make", "buy", "lost")}
    return sums | {
        "demand": float(built.problem.demand.sum()),
        "opening_stock": float(built.problem.products.opening_stock.sum()),
        "ending_stock": float(plan.stock[:, -1].sum()),
        "ending_backlog": float(plan.backlog[:, -1].sum()),
        "most_backlog": float(plan.backlog.sum(axis=0).max(initial=0.0)),
    }


def _money(built: Built, plan: Solution, costs: dict[str, float]) -> dict[str, float]:
    """Margin: revenue less the cost of what is delivered, overtime, the surcharge of outsourcing,
    keeping stock and being late."""
    supplied = built.problem.demand - plan.lost
    revenue = float((supplied * built.price).sum())
    surcharge = float((plan.buy.sum(axis=1) * (built.problem.products.buy_cost - built.cost)).sum())
    spent = float((supplied.sum(axis=1) * built.cost).sum()) + surcharge
    return {
        "revenue": revenue,
        "lost_revenue": float((plan.lost * built.price).sum()),
        "late_revenue": float((plan.backlog * built.price).max(axis=1, initial=0.0).sum()),
        "margin": revenue - spent - costs["overtime"] - costs["holding"] - costs["late"],
        "ending_stock_value": float(plan.stock[:, -1] @ built.cost),
    }


def _service(built: Built, plan: Solution) -> float:
    """The share of demand delivered in the month it is asked for. What is owed is taken to be the
    newest demand first."""
    demand = built.problem.demand
    on_time = np.maximum(demand - plan.lost - plan.backlog, 0.0)
    return float(on_time.sum() / demand.sum()) if demand.sum() else 1.0


def _days_of_supply(built: Built, plan: Solution) -> float | None:
    """How long the mean stock lasts at the mean pace of demand, both at cost."""
    pace = float((built.problem.demand.mean(axis=1) * built.cost).sum()) / DAYS_A_MONTH
    return float((plan.stock.mean(axis=1) * built.cost).sum()) / pace if pace else None


def _most_loaded(built: Built, plan: Solution) -> dict[str, Any] | None:
    """The resource and month with the highest load, as a share of regular capacity."""
    regular = built.problem.resources.regular
    if not regular.size:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(regular > 0, plan.load / regular, np.where(plan.load > 0, np.inf, 0.0))
    share = np.where(np.isfinite(share), share, 0.0)
    row, month = np.unravel_index(int(np.argmax(share)), share.shape)
    name = built.problem.resources.ids[row]
    return {"resource": name, "month": built.problem.months[month], "share": float(share[row, month])}


def gaps_of_plan(built: Built, plan: Solution, least_money: float) -> list[dict[str, Any]]:
    """Every gap worth `least_money` and more, the dearest first, with the ids of what it is about."""
    problem, cost = built.problem, built.cost[:, None] + 0 * plan.stock
    wanted = wanted_load(built)
    limit = problem.resources.regular + problem.resources.overtime
    of_items = [
        *gaps.shortages(plan.backlog, plan.lost, built.price),
        *gaps.excesses(plan.stock, problem.target_stock, problem.demand, cost, gaps.COVER_MONTHS),
    ]
    of_resources = gaps.overloads(wanted, limit, _worth_of_capacity(built))
    found = [_of_item(built, gap) for gap in of_items] + [_of_resource(built, gap) for gap in of_resources]
    kept = [gap for gap in found if gap["money"] >= least_money]
    return sorted(kept, key=lambda gap: (-gap["money"], gap["key"]))


def wanted_load(built: Built) -> np.ndarray:
    """What meeting all demand when it is asked for would take, (resources, months), at the site
    that makes it."""
    made = np.isfinite(built.problem.products.make_cost)
    return built.problem.use @ (gaps.wanted_make(built.problem) * made[:, None])


def _worth_of_capacity(built: Built) -> np.ndarray:
    """The revenue that goes with one unit of capacity, by the mix that is wanted, (resources, months)."""
    wanted = gaps.wanted_make(built.problem)
    uses = (built.problem.use > 0).astype(float)
    load = built.problem.use @ wanted
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(load > 0, (uses @ (wanted * built.price)) / load, 0.0)


def _of_item(built: Built, gap: gaps.Found) -> dict[str, Any]:
    facts = built.facts
    row: Any = built.items.iloc[gap.row]
    product, site = facts.products.loc[row["product"]], facts.sites.loc[row["site"]]
    code = f"{product['code']}:{site['code']}"
    return _entry(built, gap, code, f"{product['name']} at {site['name']}") | {
        "product": int(row["product"]),
        "site": int(row["site"]),
        "family": int(product["family"]),
    }


def _of_resource(built: Built, gap: gaps.Found) -> dict[str, Any]:
    key = built.resources[gap.row]
    resource: Any = built.facts.resources.loc[key]
    entry = _entry(built, gap, str(resource["code"]), str(resource["name"]))
    return entry | {"resource": key, "site": int(resource["site"])}


def _entry(built: Built, gap: gaps.Found, code: str, label: str) -> dict[str, Any]:
    first, last = (built.problem.months[place] for place in (gap.first, gap.last))
    return {
        "key": f"{gap.kind}:{code}:{first}",
        "kind": gap.kind,
        "label": label,
        "first": first,
        "last": last,
        "quantity": round(gap.quantity, 4),
        "money": round(gap.money, 2),
    }
