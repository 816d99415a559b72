"""Columns, words and charts that the pages of quotas share."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core.formats import show
from core.listing import Column
from territories.models import ChangeState, QuotaPlan, QuotaState
from territories.selectors.quota_sheets import Sheet
from territories.selectors.quota_tree import Tree, TreeRow
from territories.workflow.quotas import quota_url

TONES = {
    QuotaState.DRAFT: "info",
    QuotaState.SUBMITTED: "warn",
    QuotaState.APPROVED: "good",
    QuotaState.SUPERSEDED: "quiet",
}
CHANGE_TONES = {
    ChangeState.OPEN: "warn",
    ChangeState.ACCEPTED: "good",
    ChangeState.DECLINED: "bad",
    ChangeState.WITHDRAWN: "quiet",
}
INDENT = "\u2003"


def tone_of(row: Any) -> str:
    return TONES[QuotaState(row.state)]


def change_tone(row: Any) -> str:
    return CHANGE_TONES[ChangeState(row.state)]


def row_url(row: TreeRow) -> str:
    return quota_url(row.quota)


def indented(row: TreeRow) -> str:
    return f"{INDENT * row.depth}{row.label}"


def share_of(row: TreeRow) -> float | None:
    return None if row.quota.share is None else float(row.quota.share)


def left_of(row: TreeRow) -> Any:
    return row.left if row.below else None


TREE = [
    Column("label", "Territory or rep", indented),
    Column("share", "Share", share_of, "percent", help="Of what the parent gives down, before bounds"),
    Column("top_down", "Top-down", "quota.top_down", "quantity"),
    Column("bottom_up", "Bottom-up", "quota.bottom_up", "quantity"),
    Column("gap", "Gap", "gap", "quantity", help="Bottom-up less top-down"),
    Column("amount", "Quota", "quota.amount", "quantity"),
    Column("change", "v last 12 months", "change", "percent"),
    Column("left", "Left to give", left_of, "quantity", help="What it has, with hedge, less what lies below"),
    Column("uncovered", "Without a rep", lambda row: row.quota.uncovered or None, "quantity"),
    Column("relief", "Relief", lambda row: row.quota.relief or None, "quantity", help="Ramp, leave, by hand"),
    Column("reason", "Why it differs", "quota.difference_reason"),
]


def tree_columns(tree: Tree, planned: Mapping[int, Decimal]) -> list[Column]:
    """The columns of a plan's tree: with the released plan where a territory of it has a market."""

    def of_market(row: TreeRow) -> Decimal | None:
        place = row.quota.territory
        market = place.market_id if place is not None and row.quota.rep_id is None else None
        return None if market is None else planned.get(market)

    if all(of_market(row) is None for row in tree.rows()):
        return TREE
    column = Column(
        "planned", "Released plan", of_market, "quantity", help="Of the territory's market and all below it"
    )
    place = next(place for place, one in enumerate(TREE) if one.key == "top_down")
    return [*TREE[:place], column, *TREE[place:]]


def months_chart(tree: Tree, currency: str) -> dict[str, Any]:
    """What the territories at the top must sell, month by month."""
    months = sorted({month for row in tree.tops for month in row.months})
    tops = sorted(tree.tops, key=lambda row: -row.quota.amount)
    shown, rest = tops[:4], tops[4:]
    series = [
        _series(row.label, f"part-{place + 1}", [row.months.get(month, 0) for month in months])
        for place, row in enumerate(shown)
    ]
    if rest:
        sums = [sum(row.months.get(month, 0) for row in rest) for month in months]
        series.append(_series(f"{len(rest)} others", "part-5", sums))
    labels = [f"{month:%b %y}" for month in months]
    return {
        "id": "quota-months",
        "kind": "stacked",
        "title": "Quota by month",
        "text": f"Quotas of the territories at the top, in {currency}.",
        "data": {"x": labels, "unit": currency, "series": series},
        "table": {
            "columns": [{"label": "Month"}, *({"label": one["name"], "numeric": True} for one in series)],
            "rows": [
                {"cells": [{"text": label}, *(_cell(one["values"][place]) for one in series)]}
                for place, label in enumerate(labels)
            ],
        },
    }


def _cell(value: Any) -> dict[str, Any]:
    return {"text": show(value, "quantity")[0], "numeric": True}


def sheet_chart(sheet: Sheet, currency: str) -> dict[str, Any]:
    """A rep's year, month by month."""
    labels = [f"{month:%b %y}" for month in sheet.months]
    values = [round(amount) for amount in sheet.months.values()]
    return {
        "id": "sheet-months",
        "kind": "bars",
        "title": _peak(labels, values) if values else "No months yet",
        "text": f"The quota of each month, in {currency}; they add up to the year.",
        "data": {
            "x": labels,
            "unit": currency,
            "series": [{"name": "Quota", "role": "budget", "values": values}],
        },
        "table": {
            "columns": [{"label": "Month"}, {"label": "Quota", "unit": currency, "numeric": True}],
            "rows": [
                {"cells": [{"text": label}, _cell(value)]}
                for label, value in zip(labels, values, strict=True)
            ],
        },
    }


def _peak(labels: list[str], values: list[int]) -> str:
    """The finding: which month asks most."""
    most = labels[values.index(max(values))]
    return "Every month asks the same" if len(set(values)) == 1 else f"{most} asks most"


def _series(name: str, role: str, values: list[Any]) -> dict[str, Any]:
    return {"name": name, "role": role, "values": [round(value) for value in values]}


def sheet_url(plan: QuotaPlan, rep: int) -> str:
    return reverse("territories:quota-sheet", args=[plan.pk, rep])
