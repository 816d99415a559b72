"""A cycle from stage to stage by the services people use: nothing is put into tables directly."""

from collections.abc import Callable

from catalog.models import Family
from core.models import Person
from planning.models import ChecklistItem, ConsensusTotal, Cycle
from planning.selectors.contradictions import contradictions_of
from planning.selectors.supply import open_gaps, scenario_of
from planning.services.checklists import tick_item
from planning.services.consensus import freeze_demand
from planning.services.data import compute_accuracy, freeze_data
from planning.services.forecast_now import forecast_now
from planning.services.moves import make_move
from planning.services.reconciliation import settle_all
from planning.services.reviews import review_family
from planning.services.scenarios import add_scenario, choose_scenario
from planning.services.streams import submit_stream, waive_stream
from planning.services.supply import record_action, solve_now

LESS = [{"kind": "demand", "percent": -10}]
Work = Callable[[Cycle, dict[str, Person]], None]


def data(cycle: Cycle, people: dict[str, Person]) -> None:
    freeze_data(actor=people["coordinator"], cycle=cycle)
    forecast_now(actor=people["analyst"], cycle=cycle)
    compute_accuracy(actor=people["analyst"], cycle=cycle)


def demand(cycle: Cycle, people: dict[str, Person]) -> None:
    spoken = set(cycle.inputs.filter(is_withdrawn=False).values_list("stream", flat=True))
    for stream in cycle.streams.filter(state="open").exclude(name="statistical"):
        if stream.name in spoken:
            submit_stream(actor=people["manager"], cycle=cycle, stream=stream.name)
            continue
        waive_stream(actor=people["manager"], cycle=cycle, stream=stream.name, reason="Nothing to add.")
    for family in Family.objects.filter(pk__in=ConsensusTotal.objects.filter(cycle=cycle).values("family")):
        review_family(actor=people["manager"], cycle=cycle, family=family, state="reviewed")
    freeze_demand(actor=people["manager"], cycle=cycle)


def supply(cycle: Cycle, people: dict[str, Person]) -> None:
    solve_now(actor=people["analyst"], scenario=scenario_of(cycle))
    for gap in open_gaps(cycle):
        record_action(
            actor=people["manager"], cycle=cycle, gap=gap.key, action="accept", note="As it is.",
            owner=people["manager"], due=cycle.month,
        )  # fmt: skip


def reconciliation(cycle: Cycle, people: dict[str, Person]) -> None:
    less = cycle.scenarios.filter(is_base=False).first()
    if less is None:
        less = add_scenario(actor=people["analyst"], cycle=cycle, name="Ten percent less", changes=LESS)
    solve_now(actor=people["analyst"], scenario=less)
    if not cycle.scenarios.filter(is_chosen=True).exists():
        base = cycle.scenarios.get(is_base=True)
        choose_scenario(actor=people["manager"], scenario=base, reason="As agreed.")
    settle_all(
        actor=people["manager"], cycle=cycle, contradictions=contradictions_of(cycle),
        decided="Keep the plan", reason="The budget is older than the season.",
    )  # fmt: skip


STAGES: dict[str, Work] = {
    "data": data,
    "demand": demand,
    "supply": supply,
    "reconciliation": reconciliation,
}


def tick_all(cycle: Cycle, person: Person) -> None:
    items = ChecklistItem.objects.filter(stage__cycle=cycle, stage__name=cycle.stage, done=None)
    for item in items.select_related("stage__cycle", "stage__owner"):
        tick_item(actor=person, item=item, revision=item.revision, done=True)


def to_release(cycle: Cycle, people: dict[str, Person]) -> Cycle:
    """From wherever the cycle stands through every guard until it is in its release stage."""
    while cycle.stage in STAGES:
        STAGES[cycle.stage](cycle, people)
        tick_all(cycle, people["manager"])
        cycle = make_move(actor=people["manager"], cycle=cycle, name=f"sign-{cycle.stage}")
    return cycle
