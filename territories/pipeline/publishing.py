"""Publishing a realignment: placements close and open on its day; undoing puts back what was there."""

from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from territories.models import (
    PlacedBy,
    Placement,
    PlacementEnd,
    Scenario,
    ScenarioPlacement,
)
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.selectors.scenario_changes import PLACED, placements_now
from territories.selectors.scenarios import moved_accounts


def open_placements(scenario: Scenario) -> int:
    """Place every moved account from the scenario's day on, keep what that replaced, and settle who covers
    what. Says how many moved."""
    rows = list(moved_accounts(scenario.accounts.all()).order_by("account"))
    accounts = [row.account_id for row in rows]
    ScenarioPlacement.objects.filter(scenario=scenario).delete()
    _keep(scenario, accounts, is_after=False)
    moves = [
        Move(row.account_id, row.to_territory_id, placed_by=PlacedBy.SCENARIO, reason=str(scenario)[:500])
        for row in rows
    ]
    changed = place(scenario.model, moves, scenario.publish_on)
    _keep(scenario, accounts, is_after=True)
    settle(accounts=accounts)
    return changed


def restore_placements(scenario: Scenario) -> int:
    """Put the placements of before the publication back, and settle. Says how many accounts."""
    before = scenario.placements.filter(is_after=False)
    accounts = list(
        moved_accounts(scenario.accounts.all()).order_by().values_list("account", flat=True).distinct()
    )
    chosen: dict[str, Any] = {"model": scenario.model, "role": None, "account__in": accounts}
    Placement.objects.filter(**chosen).delete()
    PlacementEnd.objects.filter(**chosen).delete()
    rows = list(before)
    _insert(scenario, [row for row in rows if row.territory_id is not None])
    PlacementEnd.objects.bulk_create(_ended(scenario, row) for row in rows if row.territory_id is None)
    settle(accounts=accounts)
    return len(accounts)


def _keep(scenario: Scenario, accounts: list[int], *, is_after: bool) -> None:
    ScenarioPlacement.objects.bulk_create(
        ScenarioPlacement(scenario=scenario, is_after=is_after, **dict(zip(PLACED, row, strict=True)))
        for row in placements_now(scenario, accounts)
    )


def _insert(scenario: Scenario, rows: list[ScenarioPlacement]) -> None:
    Placement.objects.bulk_create(
        Placement(model=scenario.model, role=None, **{name: getattr(row, name) for name in PLACED})
        for row in rows
    )


def _ended(scenario: Scenario, row: ScenarioPlacement) -> PlacementEnd:
    days: DateRange = row.days
    return PlacementEnd(
        model=scenario.model,
        account_id=row.account_id,
        role=None,
        day=days.lower,
        placed_by=row.placed_by,
        pin_id=row.pin_id,
        reason=row.reason,
    )
