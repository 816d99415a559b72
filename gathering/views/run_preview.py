"""What a commit would change, made from a run's preview for the page."""

import datetime as dt
from decimal import Decimal
from typing import Any

from core.models import Person
from core.roles import can
from gathering.datasets import DATASETS
from gathering.models import ImportRun
from gathering.selectors.imports import preview_of

TOTALS = (("quantity", "Quantity", "quantity"), ("revenue", "Money", "money"), ("cost", "Cost", "money"))
HIDDEN_WITHOUT_COSTS = {"cost"}


def preview_card(user: Person, run: ImportRun) -> dict[str, Any]:
    """Totals in the file and accepted, the range of days, what was skipped, changed rows."""
    found = preview_of(user, run)
    hidden = set() if can(user, "catalog.costs") else HIDDEN_WITHOUT_COSTS
    return {
        "totals": _totals(run, found.get("totals", {}), hidden),
        "days": {name: dt.date.fromisoformat(day) for name, day in found.get("days", {}).items()},
        "new_demand_units": found.get("new_demand_units", 0),
        "skipped": list(found.get("skipped", {}).items()),
        "blocking": found.get("blocking", []),
        "changes": [_change(run, change, hidden) for change in found.get("changes", [])],
    }


def _totals(run: ImportRun, totals: dict[str, dict[str, str]], hidden: set[str]) -> list[dict[str, Any]]:
    lines = []
    for name, words, kind in TOTALS:
        if name not in totals or name in hidden:
            continue
        in_file, accepted = Decimal(totals[name]["file"]), Decimal(totals[name]["accepted"])
        if not in_file and not accepted:
            continue  # the file has no such column
        label = _label(run, name, words)
        lines.append(
            {"label": label, "kind": kind, "file": in_file, "accepted": accepted, "left": in_file - accepted}
        )
    return lines


def _label(run: ImportRun, name: str, words: str) -> str:
    """The dataset's own word for the sum: revenue, stock value, target amount."""
    dataset = DATASETS.get(run.dataset)
    field = getattr(dataset, {"revenue": "money"}.get(name, name), "") if dataset else ""
    return dataset.field(field).label if dataset and field in dataset.names else words


def _change(run: ImportRun, change: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    dataset = DATASETS.get(run.dataset)
    labels = {field.name: field.label for field in dataset.fields} if dataset else {}
    cells = [
        {
            "label": labels.get(name, name.replace("_", " ").capitalize()),
            "before": change["before"].get(name),
            "after": after,
        }
        for name, after in change["after"].items()
        if name not in hidden
    ]
    return {"row": change["row"], "key": change["key"], "cells": cells}
