"""Realignment scenarios: made, changed, copied, solved, read again."""

import datetime as dt
from typing import Any

from django.db import connection, transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.jobs import input_hash, start_job
from core.models import Job, Person
from territories.models import Scenario, ScenarioState, TerritoryModel
from territories.pipeline.optimising import checked_proposal
from territories.pipeline.scenario_rows import as_they_are, store_accounts
from territories.selectors.scenario_inputs import ground_of
from territories.selectors.scenarios import models_to_realign, newest_solve, scenario_url
from territories.workflow.scenarios import locked

PLAN = "realignment.plan"
SOLVE = "territories.solve_scenario"
SETTINGS = (
    *("potential_within", "revenue_within", "workload_within", "accounts_within", "move_penalty"),
    *("distance_weight", "most_accounts", "keeps_families", "by_needs", "by_market", "by_industry"),
    *("spreads_vacant", "fills_gaps", "seed", "time_limit", "holdover_days"),
)
COPY = """
    INSERT INTO territories_scenarioaccount
        (scenario_id, account_id, from_territory_id, from_rep_id, to_territory_id, to_rep_id, locked, by_hand,
         solve_id, potential, revenue, workload, from_km, to_km, revision)
    SELECT %(to)s, account_id, from_territory_id, from_rep_id, to_territory_id, to_rep_id, locked, by_hand,
         solve_id, potential, revenue, workload, from_km, to_km, 1
    FROM territories_scenarioaccount WHERE scenario_id = %(from)s ORDER BY account_id"""


@transaction.atomic
def create_scenario(
    *,
    actor: Person | None,
    model: TerritoryModel,
    code: str,
    name: str,
    publish_on: dt.date,
    description: str = "",
    **settings: Any,
) -> Scenario:
    """Plan a realignment of a territory model from a day on; at first every account stays where it is.

    Raises Invalid with a reason per field, also for an archived model.
    """
    require(actor, PLAN)
    if not models_to_realign(actor).filter(pk=model.pk).exists():
        raise Invalid(
            Reason(f"{model} is archived. Choose the model in force or a planned one.", "", "model")
        )
    row = Scenario(
        model=model,
        code=code,
        name=name,
        publish_on=publish_on,
        description=description,
        owner=actor,
        **settings,
    )
    scenario = create_row(actor=actor, row=row, verb="realignment scenario planned")
    _read_accounts(scenario)
    return scenario


@transaction.atomic
def change_scenario(
    *, actor: Person | None, scenario: Scenario, revision: int, changes: dict[str, Any]
) -> Scenario:
    """Change a draft: its name, day or how it is solved.

    Raises Refused unless it is a draft, Conflict after somebody else's save, Invalid for what cannot be.
    """
    require(actor, PLAN)
    draft = locked_draft(scenario)
    if unknown := set(changes) - {"code", "name", "publish_on", "description", *SETTINGS}:
        raise Invalid(*(Reason("This cannot be changed.", "invalid", name) for name in sorted(unknown)))
    return change_row(
        actor=actor, row=draft, revision=revision, changes=changes, verb="realignment scenario changed"
    )


@transaction.atomic
def copy_scenario(*, actor: Person | None, scenario: Scenario, code: str, name: str) -> Scenario:
    """A new draft with the same settings, proposals and locks. Raises Invalid for a code that is taken."""
    require(actor, PLAN)
    kept = {field: getattr(scenario, field) for field in ("model", "publish_on", "description", *SETTINGS)}
    row = Scenario(code=code, name=name, owner=actor, copied_from=scenario, **kept)
    copy = create_row(actor=actor, row=row, verb="realignment scenario copied")
    with connection.cursor() as cursor:
        cursor.execute(COPY, {"to": copy.pk, "from": scenario.pk})
    return copy


@transaction.atomic
def read_again(*, actor: Person | None, scenario: Scenario) -> Scenario:
    """Take today's accounts, owners and amounts over into a draft: what is locked keeps its place, all else
    is where it lies today. Raises Refused unless it is a draft."""
    require(actor, PLAN)
    draft = locked_draft(scenario)
    _read_accounts(draft)
    record(actor=actor, verb="realignment scenario read again", subject=draft)
    return draft


@transaction.atomic
def start_solve(*, actor: Person | None, scenario: Scenario, relaxes: bool = False) -> Job:
    """Queue the optimiser for a draft. `relaxes`: limits that cannot be kept give way as little as possible.

    A solve of the scenario that waits or runs is given back. Raises Refused with every reason why it cannot
    be solved: no accounts, territories without an owner, locks that contradict each other.
    """
    require(actor, PLAN)
    draft = locked_draft(scenario)
    checked_proposal(draft)
    if relaxes and not ((solve := newest_solve(draft)) and solve.can_relax):
        text = "Solve it without relaxation first: then it says which limits would have to give."
        raise Refused(Reason(text, "nothing_to_relax"))
    job = start_job(
        actor=actor,
        kind=SOLVE,
        label=f"Solve the realignment “{draft.name}”",
        params={"scenario": draft.pk, "relaxes": relaxes},
        subject_url=scenario_url(draft),
        same_work=input_hash([SOLVE, draft.pk]),
    )
    Scenario.objects.filter(pk=draft.pk).update(job=job)
    return job


def locked_draft(scenario: Scenario) -> Scenario:
    """The scenario, locked. Raises Refused unless it is a draft."""
    row = locked(scenario.pk)
    if row.state != ScenarioState.DRAFT:
        text = f"{row} is {row.get_state_display().lower()}; only a draft changes. Copy it to plan on."
        raise Refused(Reason(text, "wrong_state"))
    return row


def _read_accounts(scenario: Scenario) -> None:
    ground = ground_of(scenario)
    store_accounts(scenario, ground, as_they_are(ground), None)
