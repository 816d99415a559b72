"""What running the rules of a model would change, told with names; nothing is stored."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from core.models import Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from territories.engine.winners import NONE
from territories.models import Rule, Territory, TerritoryModel
from territories.pipeline.rule_running import Answer, LayerAnswer, ask_rules
from territories.selectors.models import sees_all, territories_visible_to

EXAMPLES = 50
NOWHERE = "No territory"


@dataclass(frozen=True)
class TerritoryChange:
    """How many accounts a territory has now and would have."""

    territory: int | None
    code: str
    name: str
    before: int
    after: int
    come: int
    leave: int


@dataclass(frozen=True)
class ExampleMove:
    """One account that would move."""

    account_id: int
    account: str
    was: str
    now: str
    why: str


@dataclass(frozen=True)
class Preview:
    """The dry run: counts over all accounts, examples among those the person may see."""

    from_day: dt.date
    accounts: int
    changed: int
    gaps: int
    gaps_before: int
    overlaps: int
    kept: int
    territories: list[TerritoryChange]
    examples: list[ExampleMove]


def preview(
    model: TerritoryModel,
    *,
    user: Person | None,
    from_day: dt.date | None = None,
    keep_decided: bool = True,
) -> Preview:
    """What a run would change, from a day on."""
    answer = ask_rules(model, from_day=from_day, keep_decided=keep_decided)
    return Preview(
        from_day=answer.from_day,
        accounts=answer.accounts.size,
        changed=answer.changed,
        gaps=answer.gaps,
        gaps_before=answer.gaps_before,
        overlaps=answer.overlaps,
        kept=sum(int(layer.kept.sum()) for layer in answer.layers.values()),
        territories=_territories(answer, user),
        examples=_examples(answer, user),
    )


def _territories(answer: Answer, user: Person | None) -> list[TerritoryChange]:
    """Of those that the person may see; how many have none is told to who sees them all."""
    rows = territories_visible_to(user).filter(model=answer.model).order_by("code")
    names = {row.pk: row for row in rows}
    changes = []
    for role, layer in answer.layers.items():
        keys = [key for key, row in names.items() if row.role_id == role]
        changes += [_change(key, names[key].code, names[key].name, layer) for key in keys]
    if sees_all(user):
        changes.append(_change(None, "", NOWHERE, answer.layers[None]))
    return [one for one in changes if one.before or one.after or one.come]


def _change(key: int | None, code: str, name: str, layer: LayerAnswer) -> TerritoryChange:
    wanted = NONE if key is None else key
    before, after = layer.before == wanted, layer.after == wanted
    return TerritoryChange(
        key,
        code,
        name,
        int(before.sum()),
        int(after.sum()),
        int((after & ~before).sum()),
        int((before & ~after).sum()),
    )


def _examples(answer: Answer, user: Person | None) -> list[ExampleMove]:
    names = dict(Territory.objects.filter(model=answer.model).values_list("pk", "name"))
    rules = dict(Rule.objects.filter(territory__model=answer.model).values_list("pk", "name"))
    found: list[ExampleMove] = []
    for layer in answer.layers.values():
        moved = np.flatnonzero(layer.moved)
        keys = answer.accounts.ids[moved].tolist()
        shown = accounts_visible_to(user).filter(pk__in=keys).order_by("name")[:EXAMPLES]
        place_of = dict(zip(keys, moved.tolist(), strict=True))
        found += [_example(row, place_of[row.pk], layer, names, rules) for row in shown]
    return found[:EXAMPLES]


def _example(
    row: Account, place: int, layer: LayerAnswer, names: dict[int, str], rules: dict[int, str]
) -> ExampleMove:
    outcome = layer.outcome
    why = "No rule takes it"
    if outcome.pin[place] != NONE:
        why = "A pin"
    elif outcome.rule[place] != NONE:
        why = rules.get(int(outcome.rule[place]), "")
    was, now = names.get(int(layer.before[place]), ""), names.get(int(layer.after[place]), "")
    return ExampleMove(row.pk, row.name, was, now, why)
