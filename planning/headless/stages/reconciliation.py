"""Stage 4 without people: a second scenario to compare with, the base chosen, contradictions settled."""

from core.roles import Role
from planning.headless.run import Run
from planning.headless.stages.checklist import tick_all
from planning.models import Scenario
from planning.selectors.contradictions import contradictions_of
from planning.services.reconciliation import settle_contradiction
from planning.services.scenarios import add_scenario, choose_scenario
from planning.services.supply import solve_now

SECOND = "Demand 10 % lower"
CHANGES = [{"kind": "demand", "percent": -10}]
CHOSEN = "Headless cycle: the plan as it was agreed, compared with ten percent less demand."
KEPT = "Keep the agreed plan"
NOBODY = "Headless cycle: nobody decided otherwise."


def work(run: Run) -> None:
    """Everything until reconciliation can be signed."""
    with run.step("reconciliation: scenarios"):
        compare_scenarios(run)
    with run.step("reconciliation: decisions"):
        settle_contradictions(run)
        tick_all(run)


def compare_scenarios(run: Run) -> None:
    """Solve a second scenario on the same demand, and choose the base."""
    manager = run.people[Role.MANAGER]
    base = Scenario.objects.get(cycle=run.cycle, is_base=True)
    second = Scenario.objects.filter(cycle=run.cycle, name=SECOND).first()
    if second is None:
        text = "What the plan costs and serves when demand comes out ten percent lower."
        second = add_scenario(actor=manager, cycle=run.cycle, name=SECOND, text=text, changes=CHANGES)
    solved = solve_now(actor=manager, scenario=second)
    run.figures["scenarios"] = {
        base.name: run.figures.get("supply", {}).get("cost"),
        SECOND: str(solved.cost),
    }
    if not Scenario.objects.filter(cycle=run.cycle, is_chosen=True).exists():
        run.accept("reconciliation", f"Scenario {base.name} is chosen.", CHOSEN)
        choose_scenario(actor=manager, scenario=base, reason=CHOSEN)


def settle_contradictions(run: Run) -> None:
    """The plan is kept wherever it contradicts demand, budget or the last plan."""
    for row in contradictions_of(run.cycle):
        if row.is_settled:
            continue
        run.accept("reconciliation", f"{KEPT}: {row.title}.", NOBODY)
        settle_contradiction(
            actor=run.people[Role.MANAGER], cycle=run.cycle, gap=row.gap, decided=KEPT, reason=NOBODY
        )
