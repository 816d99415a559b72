"""One quota set to another amount: what lies below follows, siblings bear the difference where asked."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.engine.months import months_from
from territories.engine.quotas.cascade import Node, Rules, allocate, season
from territories.engine.quotas.days import Term
from territories.engine.quotas.lines import Allocation
from territories.engine.quotas.wholes import CENT, split
from territories.models import Quota, QuotaMonth, QuotaPlan
from territories.pipeline.quota_allocation import YEAR, target_months, terms_of, weights_by_month
from territories.pipeline.quota_rows import store_months
from territories.pipeline.quota_words import line
from territories.selectors.quota_tree import Tree, TreeRow, rules_of, tree_of

NOTHING = Decimal(0)
ONLY_AMOUNTS = {"history": Decimal(100)}


def set_territory(plan: QuotaPlan, tree: Tree, row: TreeRow, amount: Decimal, *, spread: bool) -> None:
    """Give a territory another year; those below follow in their proportions. `spread`: the siblings bear
    the difference. Raises NoFit where they cannot."""
    terms, rules = terms_of(plan), _rules(plan)
    if spread:
        above = tree.parent_of(row)
        months = above.months if above else _target(plan)
        siblings = above.below if above else tree.tops
        nodes = tuple(_node(one, terms, amount if one is row else None, plan) for one in siblings)
        _store(tree, allocate(nodes, months, rules, level=row.depth), row.depth)
        return
    past = {month: old for month, old in row.months.items() if month < plan.from_month}
    ahead = {month: old for month, old in row.months.items() if month >= plan.from_month}
    months = past | split(amount - sum(past.values(), NOTHING), ahead, plan.step)
    found = allocate(
        [_node(one, terms, None, plan) for one in row.below if not one.quota.rep_id],
        months,
        rules,
        level=row.depth + 1,
    )
    if not found.nodes:
        node = _node(row, terms, amount, plan)
        plain = Rules(
            **{**vars(rules), "hedges": ((NOTHING,) * (row.depth + 1) + rules.hedges[row.depth + 1 :])}
        )
        found = allocate((node,), months, plain, level=row.depth)
    _store(tree, found, row.depth)
    _write(row, months)


def set_rep(plan: QuotaPlan, row: TreeRow, amount: Decimal) -> None:
    """Give a rep another year: the months from the version's first on are scaled, and what it differs by
    counts as relief, so that the territory's parts still come to its pool."""
    past = {month: old for month, old in row.months.items() if month < plan.from_month}
    ahead = {month: old for month, old in row.months.items() if month >= plan.from_month}
    months = past | split(amount - sum(past.values(), NOTHING), ahead, CENT)
    row.quota.relief += row.quota.amount - amount
    _write(row, months)


def set_overlay(plan: QuotaPlan, row: TreeRow, amount: Decimal, reason: str) -> None:
    """Give an overlay another year: the months before the version stay, the others follow the plan's season.
    Nothing above or below bears the difference."""
    months = months_from(plan.first_month, YEAR)
    past = {month: row.months.get(month, NOTHING) for month in months if month < plan.from_month}
    row.quota.made = [line("Set by hand", amount, note=reason)]
    row.quota.save(update_fields=["made"])
    _write(row, season(amount, months, weights_by_month(plan), past, plan.step), follows=True)


def past_of(plan: QuotaPlan, row: TreeRow) -> Decimal:
    """What the months that stay come to."""
    return sum((old for month, old in row.months.items() if month < plan.from_month), NOTHING)


def _rules(plan: QuotaPlan) -> Rules:
    """The plan's rules with the amounts there are as the only method, and without bounds."""
    return Rules(**{**vars(rules_of(plan)), "weights": ONLY_AMOUNTS, "floor": None, "ceiling": None})


def _target(plan: QuotaPlan) -> dict[dt.date, Decimal]:
    return target_months(plan, tree_of(plan.follows) if plan.follows else None)


def _node(
    row: TreeRow, terms: Mapping[int, tuple[Term, ...]], fixed: Decimal | None, plan: QuotaPlan
) -> Node:
    """The quota as it stands, for the engine: its amount is what it is weighed by."""
    children = tuple(_node(one, terms, None, plan) for one in row.below if one.quota.rep_id is None)
    territory = row.quota.territory_id or 0
    return Node(
        key=territory,
        values={"history": row.quota.amount},
        fixed=fixed,
        past=_past(row, plan),
        children=children,
        terms=() if children else terms.get(territory, ()),
        rep_past={one.quota.rep_id: _past(one, plan) for one in row.below if one.quota.rep_id},
    )


def _past(row: TreeRow, plan: QuotaPlan) -> dict[dt.date, Decimal]:
    return {month: old for month, old in row.months.items() if month < plan.from_month}


def _store(tree: Tree, found: Allocation, depth: int) -> None:
    """Write what changed. For those below the depth the new amount is what comes from above."""
    for row in tree.rows():
        key, rep = row.quota.territory_id, row.quota.rep_id
        if rep is None and key in found.nodes:
            row.quota.uncovered = sum(found.uncovered.get(key, {}).values(), NOTHING)
            _write(row, found.nodes[key].months, follows=row.depth > depth)
        elif (key, rep) in found.reps:
            line = found.reps[key, rep]
            row.quota.relief = line.leave + line.ramp - line.taken_over
            _write(row, line.months, follows=row.depth > depth)


def _write(row: TreeRow, months: Mapping[dt.date, Decimal], *, follows: bool = False) -> None:
    quota: Any = row.quota
    quota.amount = sum(months.values(), NOTHING)
    if follows:
        quota.top_down, quota.difference_reason = quota.amount, ""
    quota.revision += 1
    names = ["amount", "top_down", "difference_reason", "relief", "uncovered", "revision"]
    quota.save(update_fields=names)
    QuotaMonth.objects.filter(quota=quota).delete()
    store_months({quota: months})
    row.months = dict(months)


def explain_difference(quota: Quota, reason: str) -> None:
    """Why the amount is not the one from above."""
    quota.difference_reason = reason if quota.amount != quota.top_down else ""
    quota.save(update_fields=["difference_reason"])
