"""How a quota came about, line by line: what the sheet, the API and the explanation show."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.formats import grouped
from territories.engine.quotas.lines import NodeLine, RepLine

NOTHING = Decimal(0)
METHOD_WORDS = {
    "history": "Sold in the last twelve months",
    "potential": "Potential of the accounts",
    "pipeline": "Open deals by their chance",
    "even": "The same for everybody",
}


def line(label: str, value: Any, kind: str = "money", note: str = "") -> dict[str, Any]:
    """One line; `kind` is how the value is written: money or percent (0.5 is 50 %)."""
    return {"label": label, "value": str(value), "kind": kind, "note": note}


def lines_of_node(
    found: NodeLine, values: Mapping[str, Decimal], totals: Mapping[str, Decimal], hedge: Decimal
) -> list[dict[str, Any]]:
    """A territory: each method with its weight, the share, the hedge it is part of, the bound that holds."""
    lines = []
    for name, weight in found.used.items():
        total = totals.get(name, NOTHING)
        note = f"Counts for {float(weight):.0%}."
        if name == "even":
            lines.append(line(METHOD_WORDS[name], _plain(found.share), "percent", note))
            continue
        note = f"Of {grouped(total, 0)} in all sibling territories. {note}"
        lines.append(line(METHOD_WORDS[name], values.get(name, NOTHING), "money", note))
    lines.append(line("Share among the siblings", _plain(found.share), "percent"))
    if hedge:
        lines.append(
            line("Hedge of this level", hedge / 100, "percent", "Given down above the quota above it.")
        )
    if found.is_held:
        side = "ceiling" if found.amount == found.bound.high else "floor"
        lines.append(line(f"Held by the {side}", found.amount, "money", "The siblings bear the difference."))
    lines.append(line("Quota of the territory", found.amount))
    return lines


def lines_of_rep(found: RepLine, territory: Decimal, hedge: Decimal) -> list[dict[str, Any]]:
    """A rep: the territory's quota, the hedge, the days covered, leave, ramp and what was taken over."""
    lines = [line("Quota of the territory", territory)]
    if hedge:
        lines.append(line("Hedge for reps", hedge / 100, "percent"))
    lines.append(line("Of the days you cover it", found.full))
    if found.leave:
        lines.append(line("Less for leave", -found.leave, "money", "By calendar days away."))
    if found.ramp:
        lines.append(line("Ramp relief", -found.ramp, "money", "Less in the first months after the start."))
    if found.taken_over:
        lines.append(line("Taken over from new reps", found.taken_over))
    lines.append(line("Your quota", found.amount))
    return lines


def _plain(share: Any) -> Decimal:
    return Decimal(share.numerator) / Decimal(share.denominator)
