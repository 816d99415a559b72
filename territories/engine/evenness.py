"""Several measures as one: each group's index by measure, their weighted mean, and how even that is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from territories.engine.balance import Balance, balance_of
from territories.engine.problem import Floats


@dataclass(frozen=True)
class Evenness:
    """by_measure: a Balance of each measure that there is anything of. together: of their weighted index.
    weights: by measure, adding up to 1; a measure that comes to nothing weighs nothing, and the others
    take its part."""

    by_measure: Mapping[str, Balance]
    together: Balance
    weights: Mapping[str, float]


def evenness(totals: Mapping[str, Floats], shares: Floats, weights: Mapping[str, float]) -> Evenness:
    """totals: (groups,) by measure, ≥ 0. shares: (groups,) of a full territory. A group's index of a
    measure is 100 when it has just its part: total × share ÷ sum of shares. The weighted index is the
    mean of these by weight (ArcGIS Territory Design balances several variables in this way)."""
    counted = {name: one for name, one in totals.items() if one.sum() > 0 and shares.sum() > 0}
    by_measure = {name: balance_of(one, one.sum() * shares / shares.sum()) for name, one in counted.items()}
    wanted = {name: max(weights.get(name, 0.0), 0.0) for name in counted}
    whole = sum(wanted.values())
    used = {name: weight / whole for name, weight in wanted.items() if weight > 0}
    part = sum(
        (weight * by_measure[name].index / 100 for name, weight in used.items()), np.zeros(len(shares))
    )
    together = balance_of(part * shares, shares) if used else balance_of(shares, shares)
    return Evenness(by_measure, together, used)
