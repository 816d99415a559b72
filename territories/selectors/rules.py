"""Every read of rules, pins and what they came to."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db.models import Count, Max, QuerySet, Sum

from catalog.models import Family, Market, Product
from core.models import Person
from crm.models import Account, Rep, Team
from crm.selectors.accounts import accounts_visible_to
from territories.engine.columns import Accounts, answer, keys_of
from territories.engine.conditions import Condition, Unclear, asks_of, in_words, parse
from territories.engine.winners import Layer, PinAsked, RuleAsked
from territories.models import Pin, PinKind, Rule, RuleOverlap, RuleRun, Territory, TerritoryModel
from territories.selectors.models import territories_visible_to
from territories.selectors.rule_columns import load_accounts

CODES: dict[str, tuple[type[Any], str]] = {
    "market": (Market, "market"),
    "account": (Account, "account"),
    "parent": (Account, "account"),
    "owner": (Rep, "rep"),
    "team": (Team, "team"),
    "product": (Product, "product"),
    "family": (Family, "family"),
}


def rules_visible_to(user: Person | None) -> QuerySet[Rule]:
    """The rules of the territories that a person may see."""
    territories = territories_visible_to(user).order_by().values("pk")
    return Rule.objects.filter(territory__in=territories).select_related(
        "territory__model", "territory__role"
    )


def pins_visible_to(user: Person | None) -> QuerySet[Pin]:
    """Pins and exclusions in the territories and of the accounts that a person may see."""
    territories = territories_visible_to(user).order_by().values("pk")
    accounts = accounts_visible_to(user).order_by().values("pk")
    rows = Pin.objects.filter(territory__in=territories, account__in=accounts)
    return rows.select_related("territory__model", "account")


def runs_visible_to(user: Person | None) -> QuerySet[RuleRun]:
    """Runs of the rules: counts of the whole model, open to everybody who may see models."""
    return RuleRun.objects.select_related("model", "by")


def overlaps_visible_to(user: Person | None) -> QuerySet[RuleOverlap]:
    """Overlaps about the accounts that a person may see."""
    accounts = accounts_visible_to(user).order_by().values("pk")
    rows = RuleOverlap.objects.filter(account__in=accounts)
    return rows.select_related("model", "account__work", "role", "rule__territory", "rival__territory")


def condition_of(rule: Rule) -> Condition:
    """The rule's condition; one that cannot be read (written around the services) is true of nothing."""
    try:
        return parse(rule.condition)
    except Unclear:
        return parse({})


def words_of(rule: Rule) -> str:
    """The rule's condition in words."""
    try:
        text = in_words(parse(rule.condition))
    except Unclear as unclear:
        return f"cannot be read: {unclear}"
    return f"{text}, and a rule of the territory above" if rule.inherits else text


def unknown_codes(condition: Condition) -> list[str]:
    """A sentence for each kind of code in the condition that nothing has."""
    wanted: dict[str, set[str]] = {}
    for test in asks_of(condition):
        if test.field.name in CODES:
            wanted.setdefault(test.field.name, set()).update(test.values)
    sentences = []
    for name, codes in wanted.items():
        model, noun = CODES[name]
        known = model._default_manager.filter(code__in=codes).values_list("code", flat=True)
        if missing := sorted(codes - set(known)):
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            sentences.append(
                f"No {noun} has the code {', '.join(missing[:5])}{more}. Look it up in its list."
            )
    return sentences


def accounts_meeting(condition: Condition, user: Person | None) -> list[int]:
    """The active accounts that meet a condition, of those a person may see."""
    accounts = load_accounts(keys_of(asks_of(condition)))
    found = accounts.ids[answer(condition, accounts)]
    if user is None:
        return [int(key) for key in found]
    visible = set(accounts_visible_to(user).order_by().values_list("pk", flat=True))
    return [int(key) for key in found if int(key) in visible]


def asked_rules(model: TerritoryModel) -> dict[int | None, list[RuleAsked]]:
    """The active rules of a model by overlay role; None is the layer that gives the owner."""
    rows = Rule.objects.filter(territory__model=model, is_active=True).select_related("territory")
    found: dict[int | None, list[RuleAsked]] = {None: []}
    for rule in rows:
        asked = RuleAsked(rule.pk, rule.territory_id, rule.priority, condition_of(rule), rule.inherits)
        found.setdefault(rule.territory.role_id, []).append(asked)
    return found


def asked_accounts(rules: dict[int | None, list[RuleAsked]], *, only: list[int] | None = None) -> Accounts:
    """The accounts with every column that these rules ask for."""
    tests = [test for layer in rules.values() for rule in layer for test in asks_of(rule.condition)]
    return load_accounts(keys_of(tests), only=only)


def layers_of(
    model: TerritoryModel, rules: dict[int | None, list[RuleAsked]], accounts: Accounts
) -> dict[int | None, Layer]:
    """What decides each layer: rules, pins, exclusions, and the tree."""
    above = dict(Territory.objects.filter(model=model).values_list("pk", "parent_id"))
    pins = Pin.objects.filter(territory__model=model, is_withdrawn=False)
    rows = list(pins.values_list("pk", "account_id", "territory_id", "territory__role_id", "kind"))
    where = dict(zip(accounts.ids.tolist(), range(accounts.size), strict=True))
    layers: dict[int | None, Layer] = {}
    for role in {*rules, *(row[3] for row in rows)}:
        mine = [row for row in rows if row[3] == role and row[1] in where]
        pinned = [PinAsked(row[0], where[row[1]], row[2]) for row in mine if row[4] == PinKind.PIN]
        never = _places((row[2], where[row[1]]) for row in mine if row[4] == PinKind.EXCLUSION)
        layers[role] = Layer(rules.get(role, []), pinned, never, above)
    return layers


def _places(pairs: Iterable[tuple[int, int]]) -> dict[int, Any]:
    found: dict[int, list[int]] = {}
    for territory, place in pairs:
        found.setdefault(territory, []).append(place)
    return {territory: np.array(places, dtype=np.intp) for territory, places in found.items()}


def made_from(model: TerritoryModel) -> str:
    """A fingerprint of everything that decides who lies where, and of the accounts' revisions."""
    territories = Territory.objects.filter(model=model).order_by("pk")
    rules = Rule.objects.filter(territory__model=model).order_by("pk")
    pins = Pin.objects.filter(territory__model=model).order_by("pk")
    accounts = Account.objects.aggregate(Count("pk"), Sum("revision"), Max("pk"))
    seen = [
        list(territories.values_list("pk", "parent_id", "role_id")),
        list(rules.values_list("pk", "revision")),
        list(pins.values_list("pk", "revision")),
        sorted(accounts.items()),
    ]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()


def newest_run(model: TerritoryModel) -> RuleRun | None:
    """The newest run of a model's rules."""
    return RuleRun.objects.filter(model=model).first()


def is_stale(model: TerritoryModel, run: RuleRun | None) -> bool:
    """Whether territories, rules, pins or accounts changed since the run."""
    return run is None or run.made_from != made_from(model)
