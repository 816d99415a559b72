"""What people do to the accounts of a draft: lock them where they are, move them by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.db import transaction

from core.access import require
from core.errors import Conflict, Reason, Refused
from core.events import record
from core.models import Event, Person
from territories.engine.travel import km_between
from territories.models import AccountWork, Scenario, ScenarioAccount, Territory
from territories.selectors.balance import bases, owners_of
from territories.selectors.scenarios import scenario_accounts_visible_to
from territories.services.scenarios import PLAN, locked_draft

FIELDS = ["to_territory", "to_rep", "to_km", "locked", "by_hand", "solve", "revision"]
MOST_IN_EVENT = 50


@transaction.atomic
def lock_accounts(*, actor: Person | None, scenario: Scenario, rows: Mapping[int, int], locked: bool) -> int:
    """Lock accounts of a draft where the plan puts them, or free them; says how many changed.

    rows: key of the scenario's account → revision that was seen. Raises Refused for accounts without a rep
    and outside a draft, Conflict for rows that somebody changed since.
    """
    draft, chosen = _chosen(actor, scenario, rows, "Locked" if locked else "Free")
    if locked and (nowhere := [row for row in chosen if row.to_rep_id is None]):
        names = ", ".join(str(row) for row in nowhere[:8])
        raise Refused(Reason(f"Without a rep nothing can be locked: {names}. Move them first.", "no_rep"))
    changed = [row for row in chosen if row.locked != locked]
    for row in changed:
        row.locked = locked
        row.by_hand = row.by_hand and locked
    return _save(actor, draft, changed, "accounts locked" if locked else "accounts unlocked")


@transaction.atomic
def move_accounts(
    *, actor: Person | None, scenario: Scenario, rows: Mapping[int, int], territory: Territory | None
) -> int:
    """Move accounts of a draft to a territory by hand, which locks them there; None puts them back where
    they lie today, unlocked. Says how many changed.

    Raises Refused for a territory of another model, of an overlay or without an owner on the day, and
    Conflict for rows that somebody changed since.
    """
    where = territory.name if territory else "Where it lies today"
    draft, chosen = _chosen(actor, scenario, rows, where)
    if territory is None:
        changed = [row for row in chosen if row.moves or row.locked or row.by_hand]
        for row in changed:
            _back(row)
        return _save(actor, draft, changed, "accounts put back")
    rep = _owner(draft, territory)
    changed = [row for row in chosen if (row.to_territory_id, row.locked) != (territory.pk, True)]
    km = _km(changed, rep)
    for row in changed:
        row.to_territory, row.to_rep_id, row.to_km = territory, rep, km[row.account_id]
        row.locked, row.by_hand, row.solve = True, True, None
    return _save(actor, draft, changed, "accounts moved by hand", {"to": territory})


def _chosen(
    actor: Person | None, scenario: Scenario, rows: Mapping[int, int], yours: str
) -> tuple[Scenario, list[ScenarioAccount]]:
    require(actor, PLAN)
    draft = locked_draft(scenario)
    if not rows:
        raise Refused(Reason("Choose the accounts first.", "nothing_chosen"))
    mine = scenario_accounts_visible_to(actor).filter(scenario=draft, pk__in=rows).order_by("account__code")
    found = list(mine.select_for_update(of=("self",)))
    if len(found) < len(rows):
        text = "Some of the accounts are no longer in this scenario. Reload the page and choose again."
        raise Refused(Reason(text, "gone"))
    _refuse_stale(draft, [row for row in found if row.revision != rows[row.pk]], yours)
    return draft, found


def _refuse_stale(draft: Scenario, stale: list[ScenarioAccount], yours: str) -> None:
    if not stale:
        return
    last = Event.objects.filter(subject_type=draft._meta.label_lower, subject_id=str(draft.pk)).first()
    raise Conflict(
        label=f"{', '.join(str(row) for row in stale[:8])} in {draft}",
        yours={str(row): yours for row in stale},
        theirs={str(row): place_in_words(row) for row in stale},
        revision=max(row.revision for row in stale),
        who=last.actor.name if last and last.actor else "",
    )


def place_in_words(row: ScenarioAccount) -> str:
    """Where a scenario puts an account: “North, locked”."""
    where = row.to_territory.name if row.to_territory else "No territory"
    return f"{where}, locked" if row.locked else where


def _owner(draft: Scenario, territory: Territory) -> int:
    if territory.model_id != draft.model_id or territory.role_id is not None:
        text = f"{territory} gives no owners in {draft.model}. Choose a territory of that model."
        raise Refused(Reason(text, "other_model", "territory"))
    rep = owners_of({territory.pk}, draft.publish_on).get(territory.pk)
    if rep is None:
        text = f"{territory} has no owner on that day. Give it a rep first, or choose another."
        raise Refused(Reason(text, "no_owner", "territory"))
    return rep


def _back(row: ScenarioAccount) -> None:
    row.to_territory_id, row.to_rep_id = row.from_territory_id, row.from_rep_id
    row.to_km, row.locked, row.by_hand, row.solve = row.from_km, False, False, None


def _km(rows: Iterable[ScenarioAccount], rep: int) -> dict[int, float | None]:
    """account → km to the rep's base, None where a place is not known."""
    accounts = [row.account_id for row in rows]
    placed = AccountWork.objects.filter(account__in=accounts, latitude__isnull=False).order_by()
    found: dict[int, float | None] = dict.fromkeys(accounts)
    places = {
        account: (lat, lon) for account, lat, lon in placed.values_list("account", "latitude", "longitude")
    }
    if not places:
        return found
    base = bases().of(np.full(len(places), rep, dtype=np.int64))
    km = km_between(np.array(list(places.values())), base)
    known = {account: float(one) for account, one in zip(places, km, strict=True) if not np.isnan(one)}
    return found | known


def _save(
    actor: Person | None,
    draft: Scenario,
    changed: list[ScenarioAccount],
    verb: str,
    more: dict[str, Any] | None = None,
) -> int:
    if not changed:
        return 0
    for row in changed:
        row.revision += 1
    ScenarioAccount.objects.bulk_update(changed, FIELDS, batch_size=500)
    names = [str(row) for row in changed[:MOST_IN_EVENT]]
    after = {"accounts": names, "how many": len(changed)} | (more or {})
    record(actor=actor, verb=verb, subject=draft, after=after)
    return len(changed)
