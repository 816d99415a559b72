"""Stage 3: the supply plan of a cycle, and what it is made from."""

from typing import Any

from planning.models import Cycle, Scenario, SupplyRun
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
    return made_from_of(scenario_of(cycle))


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    run = run_of(cycle)
    return None if run is None else run.made_from
