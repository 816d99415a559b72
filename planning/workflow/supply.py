"""The guards of stage 3, supply planning: each gives every reason why its stage cannot be signed yet.

Stage 4 uses those about scenarios and freshness (planning.workflow.reconciliation).
"""

from collections.abc import Callable

from core.errors import Reason
from core.formats import grouped
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.artefacts import colour_of
from planning.selectors.supply import is_solved, open_gaps, run_of, scenario_of
from planning.selectors.supply_facts import resources_without_capacity, sites_without_stock

MOST_NAMED = 10


def stock_and_capacity_current(cycle: Cycle) -> list[Reason]:
    """Every site has its stock, every resource its capacity."""
    late = [
        Reason(
            f"{site.name} has no stock for the end of the month before {cycle.month:%B %Y}. Import it, "
            "or waive its source in data gathering.",
            "stock_missing",
            url="/data/stock/",
        )
        for site in sites_without_stock(cycle)
    ]
    unknown = [
        Reason(
            f"{resource.name} makes products, but has no capacity for {cycle.month:%B %Y}. Import it.",
            "capacity_missing",
            url="/data/capacity/",
        )
        for resource in resources_without_capacity(cycle)
    ]
    return late + unknown


def supply_solved(cycle: Cycle) -> list[Reason]:
    """The base plan is solved, from what demand and supply are now."""
    scenario, address = scenario_of(cycle), cycle_path(cycle, "supply")
    if run_of(cycle) is None:
        return [Reason(f"“{scenario}” has no supply plan yet. Solve it.", "not_solved", url=address)]
    return supply_fresh(cycle)


def supply_fresh(cycle: Cycle) -> list[Reason]:
    """The plan that counts is made from today's demand, scenario, stock and capacity."""
    colour = colour_of(cycle, "supply")
    if colour.colour == "green":
        return []
    text = "; ".join(colour.reasons) or "it is missing"
    address = cycle_path(cycle, "supply")
    return [Reason(f"The supply plan is out of date: {text}. Solve it again.", "stale", url=address)]


def gaps_have_actions(cycle: Cycle) -> list[Reason]:
    """Every gap has an action."""
    waiting = open_gaps(cycle)
    address = cycle_path(cycle, "supply")
    reasons = [
        Reason(
            f"{gap.kind_label} of {gap.label} from {gap.first:%b %Y} (worth {grouped(gap.money, 0)}) "
            "has no action.",
            "gap_open",
            url=f"{address}gaps/{gap.key}/",
        )
        for gap in waiting[:MOST_NAMED]
    ]
    if len(waiting) > MOST_NAMED:
        more = f"{len(waiting) - MOST_NAMED} more gaps have no action."
        reasons.append(Reason(more, "gap_open", url=f"{address}#gaps"))
    return reasons


def scenarios_compared(cycle: Cycle) -> list[Reason]:
    """At least two scenarios have a plan for today's demand."""
    solved = [scenario for scenario in cycle.scenarios.select_related("cycle") if is_solved(scenario)]
    if len(solved) >= 2:
        return []
    text = (
        f"{len(solved)} of the scenarios {'has' if len(solved) == 1 else 'have'} a plan for today's demand; "
        "compare two or more. Add a scenario and solve it."
    )
    return [Reason(text, "one_scenario", url=cycle_path(cycle, "scenarios"))]


def scenario_chosen(cycle: Cycle) -> list[Reason]:
    """A scenario is chosen."""
    if cycle.scenarios.filter(is_chosen=True).exists():
        return []
    text = "No scenario is chosen. Choose one and say why."
    return [Reason(text, "not_chosen", url=cycle_path(cycle, "scenarios"))]


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {
    "stock_and_capacity_current": stock_and_capacity_current,
    "supply_solved": supply_solved,
    "gaps_have_actions": gaps_have_actions,
}
