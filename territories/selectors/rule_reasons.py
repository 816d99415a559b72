"""Why an account lies where it lies: the pin or the rule that took it, and why the others lost."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from core.models import Person
from crm.models import Account
from territories.engine.columns import Accounts, answer
from territories.engine.winners import Layer, RuleAsked, masks_of
from territories.models import Pin, PinKind, PlacedBy, Placement, Rule, Territory, TerritoryModel
from territories.selectors.models import day_of, placements_visible_to
from territories.selectors.rules import asked_accounts, asked_rules, layers_of, words_of

LAST = {
    PlacedBy.SCENARIO: "A realignment put it here",
    PlacedBy.HAND: "Somebody put it here by hand",
    PlacedBy.FILE: "A file put it here",
}


@dataclass(frozen=True)
class Other:
    """A rule that the account meets and that did not take it, and why."""

    rule: Rule
    sentence: str
    why_not: str


@dataclass(frozen=True)
class Why:
    """One layer's answer. `placement` is None where the account lies in no territory."""

    layer: str
    placement: Placement | None
    reason: str
    rule: Rule | None
    others: tuple[Other, ...]
    exclusions: tuple[Pin, ...]
    expected: Territory | None

    @property
    def territory(self) -> Territory | None:
        """Where the account lies; None where it lies in none."""
        return self.placement.territory if self.placement else None

    @property
    def is_stale(self) -> bool:
        """Whether the rules of now would put it elsewhere."""
        decided = self.placement is not None and self.placement.placed_by in LAST
        return not decided and self.expected != self.territory


def why_here(
    account: Account, model: TerritoryModel, user: Person | None, day: dt.date | None = None
) -> list[Why]:
    """For each layer of a model, why the account lies where it does on a day. The account is one that the
    person may see."""
    day = day or day_of(model)
    placements = placements_visible_to(user).filter(model=model, account=account, days__contains=day)
    held = {row.role_id: row for row in placements}
    rules = asked_rules(model)
    accounts = asked_accounts(rules, only=[account.pk])
    layers = layers_of(model, rules, accounts)
    for role in held:
        layers.setdefault(role, Layer([]))
    rows = {
        row.pk: row for row in Rule.objects.filter(territory__model=model).select_related("territory__role")
    }
    roles = sorted(layers, key=lambda role: (role is not None, role or 0))
    if not accounts.size:
        return [_unlooked(role, held.get(role)) for role in roles]
    return [_why(account, role, layers[role], accounts, held.get(role), rows) for role in roles]


def _unlooked(role: int | None, placement: Placement | None) -> Why:
    here = placement.territory if placement else None
    text = "The account is not active: rules do not look at it."
    return Why(_layer(role, placement), placement, text, None, (), (), here)


def _layer(role: int | None, placement: Placement | None) -> str:
    return "Owner" if role is None else str(placement.role if placement else "Overlay")


def _why(
    account: Account,
    role: int | None,
    layer: Layer,
    accounts: Accounts,
    placement: Placement | None,
    rows: dict[int, Rule],
) -> Why:
    masks = masks_of(layer, accounts)
    order = sorted(layer.rules, key=lambda rule: rule.order)
    meets = {rule.id: bool(answer(rule.condition, accounts)[0]) for rule in order}
    takes = [rule for rule in order if bool(masks[rule.id][0])]
    pinned = {pin.territory for pin in layer.pins}
    winner = takes[0] if takes else None
    never = {territory for territory, places in layer.never.items() if len(places)}
    others = [
        Other(rows[rule.id], words_of(rows[rule.id]), _why_not(rule, winner, pinned, never, masks, rows))
        for rule in order
        if meets[rule.id] and (rule is not winner or pinned)
    ]
    expected = next(iter(pinned), winner.territory if winner else None)
    exclusions = Pin.objects.filter(
        account=account, kind=PinKind.EXCLUSION, is_withdrawn=False, territory__in=never
    ).select_related("territory")
    layer_name = _layer_name(role, layer, rows)
    return Why(
        layer_name,
        placement,
        _reason(placement, rows),
        rows.get(placement.rule_id) if placement and placement.rule_id else None,
        tuple(others),
        tuple(exclusions),
        Territory.objects.filter(pk=expected).first() if expected else None,
    )


def _layer_name(role: int | None, layer: Layer, rows: dict[int, Rule]) -> str:
    if role is None:
        return "Owner"
    named = next((rows[rule.id].territory.role for rule in layer.rules), None)
    return str(named) if named else "Overlay"


def _reason(placement: Placement | None, rows: dict[int, Rule]) -> str:
    if placement is None:
        return "No pin and no rule put it into a territory."
    if placement.placed_by == PlacedBy.PIN:
        return f"It is pinned here: {placement.reason or 'no reason is kept'}."
    if placement.placed_by == PlacedBy.RULE:
        rule = rows.get(placement.rule_id) if placement.rule_id else None
        if rule is None:
            return "A rule that was deleted since put it here."
        return f"Rule “{rule.name}” (priority {rule.priority}): {words_of(rule)}."
    text = LAST[PlacedBy(placement.placed_by)]
    return f"{text}: {placement.reason}." if placement.reason else f"{text}."


def _why_not(
    rule: RuleAsked,
    winner: RuleAsked | None,
    pinned: set[int],
    never: set[int],
    masks: dict[int, np.ndarray],
    rows: dict[int, Rule],
) -> str:
    if rule.territory in never:
        return "The account is excluded from this territory."
    if not bool(masks[rule.id][0]):
        return "It inherits, and the account meets no rule of the territory above."
    if pinned:
        return "A pin goes before every rule."
    if winner is None or winner.territory == rule.territory:
        return "It leads to the same territory."
    if winner.priority == rule.priority:
        return f"Overlap: “{rows[winner.id].name}” has the same priority and is older."
    return f"Priority {rule.priority} comes after {winner.priority} of “{rows[winner.id].name}”."
