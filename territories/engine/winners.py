"""Which rule takes each account: pins first, then the lowest priority number, then the older rule.

Each layer is by itself: the territories that give the owner, and those of each overlay role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from territories.engine.columns import Accounts, Mask, answer
from territories.engine.conditions import Condition

NONE = -1


@dataclass(frozen=True)
class RuleAsked:
    """A rule: its number, territory and priority; a lower number is older."""

    id: int
    territory: int
    priority: int
    condition: Condition
    inherits: bool = False

    @property
    def order(self) -> tuple[int, int]:
        """Rules are tried by priority, the older first."""
        return (self.priority, self.id)


@dataclass(frozen=True)
class PinAsked:
    """An account (its place among the accounts) that is always in a territory."""

    id: int
    row: int
    territory: int


@dataclass(frozen=True)
class Layer:
    """The rules, pins and exclusions of one role. `above`: the territory above each territory;
    `never`: the places of the excluded accounts by territory."""

    rules: Sequence[RuleAsked]
    pins: Sequence[PinAsked] = ()
    never: Mapping[int, NDArray[np.intp]] = field(default_factory=dict)
    above: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """For each account: its territory, rule and pin (-1 for none), and of the other rules of the same
    priority in other territories the first that also wanted it, and how many there are."""

    territory: NDArray[np.int64]
    rule: NDArray[np.int64]
    pin: NDArray[np.int64]
    rival: NDArray[np.int64]
    rivals: NDArray[np.int64]
    matched: Mapping[int, int]


def masks_of(layer: Layer, accounts: Accounts) -> dict[int, Mask]:
    """The accounts that each rule takes by itself: its condition, what it inherits, no exclusion."""
    found: dict[int, Mask] = {}
    by_territory: dict[int, list[RuleAsked]] = {}
    for rule in layer.rules:
        by_territory.setdefault(rule.territory, []).append(rule)
    for territory in by_territory:
        _masks_of_territory(territory, by_territory, layer, accounts, found)
    return found


def _masks_of_territory(
    territory: int,
    by_territory: Mapping[int, list[RuleAsked]],
    layer: Layer,
    accounts: Accounts,
    found: dict[int, Mask],
) -> None:
    """From the nearest territory above that has rules downwards; each territory once."""
    rules = by_territory[territory]
    if rules[0].id in found:
        return
    allowed = np.zeros(accounts.size, dtype=bool)
    higher = _next_above(territory, by_territory, layer.above)
    if higher is not None and any(rule.inherits for rule in rules):
        _masks_of_territory(higher, by_territory, layer, accounts, found)
        for rule in by_territory[higher]:
            allowed |= found[rule.id]
    for rule in rules:
        mask = answer(rule.condition, accounts)
        mask = mask & allowed if rule.inherits else mask
        if territory in layer.never:
            mask = mask.copy()
            mask[layer.never[territory]] = False
        found[rule.id] = mask


def _next_above(
    territory: int, by_territory: Mapping[int, list[RuleAsked]], above: Mapping[int, int | None]
) -> int | None:
    higher = above.get(territory)
    while higher is not None and higher not in by_territory:
        higher = above.get(higher)
    return higher


def decide(layer: Layer, accounts: Accounts) -> Outcome:
    """Who takes each account, and who else of the same priority wanted it."""
    size = accounts.size
    masks = masks_of(layer, accounts)
    rules = sorted(layer.rules, key=lambda rule: rule.order)
    winner = np.full(size, NONE, dtype=np.intp)
    rival, rivals = np.full(size, NONE, dtype=np.int64), np.zeros(size, dtype=np.int64)
    pin, territory = np.full(size, NONE, dtype=np.int64), np.full(size, NONE, dtype=np.int64)
    for one in layer.pins:
        pin[one.row], territory[one.row] = one.id, one.territory
    free = pin == NONE
    priorities = np.array([rule.priority for rule in rules] or [NONE], dtype=np.int64)
    homes = np.array([rule.territory for rule in rules] or [NONE], dtype=np.int64)
    for place, rule in enumerate(rules):
        wanted = masks[rule.id] & free
        taken = winner != NONE
        clash = wanted & taken & (priorities[winner] == rule.priority) & (homes[winner] != rule.territory)
        rival[clash & (rivals == 0)] = rule.id
        rivals[clash] += 1
        winner[wanted & ~taken] = place
    has_rule = winner != NONE
    ids = np.array([rule.id for rule in rules] or [NONE], dtype=np.int64)
    rule_of = np.where(has_rule, ids[winner], NONE)
    territory = np.where(has_rule, homes[winner], territory)
    matched = {rule_id: int(mask.sum()) for rule_id, mask in masks.items()}
    return Outcome(territory, rule_of, pin, rival, rivals, matched)
