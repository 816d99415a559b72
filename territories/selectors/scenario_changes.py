"""What changed in a territory model since a scenario was made or published: why it has to be solved again,
or cannot be undone."""

from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from crm.models import Account
from territories.models import Placement, PlacementEnd, Scenario, ScenarioAccount, ScenarioPlacement
from territories.selectors.balance import owners_of
from territories.selectors.scenarios import MOVED

PLACED = ("account_id", "territory_id", "days", "placed_by", "rule_id", "pin_id", "reason")


def changed_since(scenario: Scenario) -> list[Account]:
    """The scenario's accounts that have another territory or owner on its day than when it was made."""
    rows = ScenarioAccount.objects.filter(scenario=scenario, account__is_active=True).order_by()
    before = {
        account: (territory, rep)
        for account, territory, rep in rows.values_list("account_id", "from_territory_id", "from_rep_id")
    }
    on_the_day = Placement.objects.filter(
        model=scenario.model_id, role=None, days__contains=scenario.publish_on, account__in=before
    )
    territory = dict(on_the_day.order_by().values_list("account_id", "territory_id"))
    owner = owners_of(set(territory.values()), scenario.publish_on)
    now = {account: (territory.get(account), owner.get(territory.get(account, 0))) for account in before}
    changed = [account for account in before if before[account] != now[account]]
    return list(Account.objects.filter(pk__in=changed).order_by("code")) if changed else []


def owners_changed(scenario: Scenario) -> list[Any]:
    """The territories that accounts would go to and that have another owner now, or none."""
    rows = ScenarioAccount.objects.filter(MOVED, scenario=scenario).select_related("to_territory")
    aimed = {row.to_territory_id: (row.to_territory, row.to_rep_id) for row in rows.order_by()}
    owner = owners_of({key for key in aimed if key}, scenario.publish_on)
    return [territory for key, (territory, rep) in aimed.items() if owner.get(key or 0) != rep]


def moved_since_publication(scenario: Scenario) -> list[Account]:
    """The accounts whose placements are not what the publication left."""
    left = set(
        ScenarioPlacement.objects.filter(scenario=scenario, is_after=True).order_by().values_list(*PLACED)
    )
    moved = list(
        ScenarioAccount.objects.filter(MOVED, scenario=scenario).order_by().values_list("account", flat=True)
    )
    now = placements_now(scenario, moved)
    changed = {row[0] for row in left ^ now}
    return list(Account.objects.filter(pk__in=changed).order_by("code")) if changed else []


def placements_now(scenario: Scenario, accounts: list[int]) -> set[tuple[Any, ...]]:
    """The placements that give the accounts' owners in the scenario's model, and the ends entered."""
    chosen = {"model": scenario.model_id, "role": None, "account__in": accounts}
    rows = Placement.objects.filter(**chosen).order_by().values_list(*PLACED)
    ends = PlacementEnd.objects.filter(**chosen).order_by()
    return set(rows) | {as_placement(end) for end in ends}


def as_placement(end: PlacementEnd) -> tuple[Any, ...]:
    """An end in the columns of a placement: nowhere, on its day."""
    days = DateRange(end.day, None)
    return (end.account_id, None, days, end.placed_by, None, end.pin_id, end.reason)
