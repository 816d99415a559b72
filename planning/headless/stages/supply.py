"""Stage 3 without people: solve the base scenario; what cannot be met is accepted and noted."""

from core.roles import Role
from planning.headless.run import Run
from planning.headless.stages.checklist import tick_all
from planning.models import Scenario, Stage, SupplyAction
from planning.selectors.supply import gaps_of
from planning.services.supply import record_action, solve_now

ACCEPTED = "Headless cycle: accepted as it is."


def work(run: Run) -> None:
    """Everything until supply can be signed."""
    analyst = run.people[Role.ANALYST]
    base = Scenario.objects.get(cycle=run.cycle, is_base=True)
    with run.step("supply: solve"):
        solved = solve_now(actor=analyst, scenario=base)
    run.figures["supply"] = {"run": solved.pk, "cost": str(solved.cost), **solved.summary}
    with run.step("supply: gaps"):
        accept_gaps(run)
        tick_all(run)


def accept_gaps(run: Run) -> None:
    """Every gap that has no action yet is accepted as it is."""
    settled = set(SupplyAction.objects.filter(cycle=run.cycle).values_list("gap", flat=True))
    stage = Stage.objects.get(cycle=run.cycle, name="supply")
    for gap in gaps_of(run.cycle):
        if gap.key in settled:
            continue
        kind, worth = gap.kind_label.lower(), f"worth {gap.money:,.0f}"
        what = f"Accepted: {kind} of {gap.label} from {gap.first:%b %Y}, {worth}."
        run.accept("supply", what, "Nobody decided what to do about it.")
        record_action(
            actor=run.people[Role.MANAGER],
            cycle=run.cycle,
            gap=gap.key,
            action="accept",
            note=ACCEPTED,
            owner=run.people[Role.MANAGER],
            due=stage.due,
        )
