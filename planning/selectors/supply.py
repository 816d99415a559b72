"""Stage 3: the supply plan of a cycle, and what it is made from."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from catalog.selectors import families_below, reach_of, sites_visible_to
from core.models import Person
from planning.models import Cycle, GapKind, Scenario, SupplyAction, SupplyRun
from planning.selectors import data, demand

WORDS = {
    "version": "the demand was frozen again",
    "scenario": "another scenario counts, or it changed",
    "imports": "stock, capacity or bills were imported after the solve",
}
FACTS = ("stock", "capacity", "resources", "capacity_uses", "costs", "open_orders")


def scenario_of(cycle: Cycle) -> Scenario:
    """The scenario that counts: the chosen one, else the base."""
    return cycle.scenarios.filter(is_chosen=True).first() or cycle.scenarios.get(is_base=True)


def run_of(cycle: Cycle) -> SupplyRun | None:
    """The newest finished solve of the scenario that counts."""
    return newest_run(scenario_of(cycle))


def newest_run(scenario: Scenario) -> SupplyRun | None:
    """The newest finished solve of a scenario."""
    return scenario.runs.filter(state="done").first()


def made_from_of(scenario: Scenario) -> dict[str, Any]:
    """What a solve of the scenario would be made from today."""
    version = demand.version_of(scenario.cycle)
    imports = data.last_imports()
    return {
        "version": version.pk if version else None,
        "scenario": [scenario.pk, scenario.changes],
        "imports": {name: imports[name] for name in FACTS if name in imports},
    }


def made_from(cycle: Cycle) -> dict[str, Any]:
    """What the supply plan of the cycle would be solved from now."""
    return made_from_of(scenario_of(cycle))


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    """What the cycle's supply plan was solved from; None before there is one."""
    run = run_of(cycle)
    return None if run is None else run.made_from


def is_solved(scenario: Scenario) -> bool:
    """Whether the scenario has a plan made from today's demand, changes, stock and capacity."""
    run = newest_run(scenario)
    return run is not None and run.made_from == made_from_of(scenario)


@dataclass(frozen=True)
class Gap:
    """A shortage, an overload or an excess of the plan that counts, over consecutive months.

    `quantity` is in units, of an overload in the resource's own; `money` in base currency.
    """

    key: str
    kind: str
    label: str
    first: dt.date
    last: dt.date
    quantity: float
    money: float
    product: int | None = None
    site: int | None = None
    family: int | None = None
    resource: int | None = None
    action: SupplyAction | None = None

    @property
    def kind_label(self) -> str:
        """What does not fit, as people read it."""
        return str(GapKind(self.kind).label)


def gaps_of(cycle: Cycle, user: Person | None = None) -> list[Gap]:
    """The gaps of the plan that counts, with what is done about each, the dearest first."""
    run = run_of(cycle)
    return [] if run is None else gaps_of_run(run, user)


def gaps_of_run(run: SupplyRun, user: Person | None = None) -> list[Gap]:
    """The gaps of one plan, as far as the person may see their product and site."""
    stored = run.summary["gaps"]
    if not stored:
        return []
    families, sites = _within(user)
    actions = {one.gap: one for one in run.cycle.supply_actions.select_related("owner")}
    return [
        _gap(one, actions)
        for one in stored
        if (families is None or one.get("family") is None or one["family"] in families)
        and (sites is None or one["site"] in sites)
    ]


def _within(user: Person | None) -> tuple[set[int] | None, set[int] | None]:
    """The families and sites that the person is narrowed to; None for everything."""
    reach = reach_of(user)
    families = set(families_below(reach.families).values_list("pk", flat=True)) if reach.families else None
    sites = set(sites_visible_to(user).values_list("pk", flat=True)) if reach.markets else None
    return families, sites


def _gap(stored: dict[str, Any], actions: dict[str, SupplyAction]) -> Gap:
    first, last = (dt.date.fromisoformat(f"{stored[name]}-01") for name in ("first", "last"))
    same: dict[str, Any] = {name: stored[name] for name in ("key", "kind", "label", "quantity", "money")}
    same |= {name: stored.get(name) for name in ("product", "site", "family", "resource")}
    return Gap(first=first, last=last, action=actions.get(stored["key"]), **same)


def open_gaps(cycle: Cycle) -> list[Gap]:
    """The gaps that nobody has decided anything about."""
    return [gap for gap in gaps_of(cycle) if gap.action is None]
