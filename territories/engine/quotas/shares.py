"""How much of a parent's quota each child should have: a blend of several methods.

share_i = sum over methods k of w_k * s_ik / S_k, with S_k the method's total over the siblings
(weighted fair share, as in SAP Callidus Territory and Quota).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

EVEN = "even"
METHODS = ("history", "potential", "pipeline", EVEN)


@dataclass(frozen=True)
class Blend:
    """`shares` add up to 1. `used`: the weight that each method had in the end, adding up to 1. `dropped`:
    methods with a weight for which nobody has a value; their weight went to the others."""

    shares: dict[Any, Fraction]
    used: dict[str, Fraction]
    dropped: tuple[str, ...] = ()


def blend(
    children: Mapping[Any, Mapping[str, Decimal]],
    weights: Mapping[str, Decimal],
) -> Blend:
    """The shares of siblings by their values per method (base currency; below 0 counts as 0)."""
    values = {key: {**child, EVEN: Decimal(1)} for key, child in children.items()}
    wanted = {name: Fraction(weight) for name, weight in weights.items() if weight > 0}
    totals = {name: sum(_of(value, name) for value in values.values()) for name in wanted}
    dropped = tuple(name for name in METHODS if name in wanted and not totals[name])
    used = {name: weight for name, weight in wanted.items() if totals[name]}
    if not used:
        used, totals = {EVEN: Fraction(1)}, {EVEN: Fraction(len(values))}
    whole = sum(used.values())
    used = {name: weight / whole for name, weight in used.items()}
    shares = {
        key: sum((used[name] * _of(value, name) / totals[name] for name in used), Fraction(0))
        for key, value in values.items()
    }
    return Blend(shares, used, dropped)


def _of(values: Mapping[str, Decimal], name: str) -> Fraction:
    return max(Fraction(values.get(name) or 0), Fraction(0))
