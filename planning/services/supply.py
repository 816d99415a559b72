"""What people do in supply planning: solve a scenario, and say what is done about each gap."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.jobs import start_job
from core.models import JobState, Person
from forecasting.models import RunState
from planning.models import ActionKind, Cycle, DemandVersion, Scenario, StageName, SupplyAction, SupplyRun
from planning.pipeline.supply import ENGINE_VERSION, inputs_of, solve_run
from planning.selectors.addresses import cycle_path
from planning.selectors.demand import version_of
from planning.selectors.supply import gaps_of, scenario_of

SOLVE = "planning.solve_supply"
OPEN_IN = (StageName.SUPPLY, StageName.RECONCILIATION)
OPEN_STATES = (RunState.QUEUED, RunState.RUNNING)
ENDED = {JobState.FAILED: RunState.FAILED, JobState.CANCELLED: RunState.CANCELLED}


@transaction.atomic
def start_solve(*, actor: Person | None, scenario: Scenario) -> SupplyRun:
    """Queue a solve of the scenario for the newest frozen demand.

    The same work, waiting, running or done, gives the run that is already there. Raises Refused
    outside supply planning and reconciliation, and without a frozen demand.
    """
    run, is_new = _run_for(actor, scenario)
    if not is_new:
        return run
    job = start_job(
        actor=actor,
        kind=SOLVE,
        label=f"Solve the supply plan “{scenario.name}” of {scenario.cycle}",
        params={"run": run.pk},
        subject_url=_result_path(scenario),
        same_work=run.input_hash,
    )
    run.job = job
    run.save(update_fields=["job"])
    return run


def _result_path(scenario: Scenario) -> str:
    """Where the plan is shown: the supply page shows the scenario that counts, the others stand side by
    side."""
    counts = scenario_of(scenario.cycle) == scenario
    return cycle_path(scenario.cycle_id, "supply" if counts else "scenarios")


@transaction.atomic
def solve_now(*, actor: Person | None, scenario: Scenario) -> SupplyRun:
    """The same at once and without a worker. Raises what `start_solve` raises, and Refused where
    there is no plan."""
    run, is_new = _run_for(actor, scenario)
    if not is_new and run.state == RunState.DONE:
        return run
    if not is_new and run.job_id is not None:
        raise Refused(Reason("This scenario is being solved already. Wait for it, or cancel it.", "running"))
    return solve_run(run)


def _run_for(actor: Person | None, scenario: Scenario) -> tuple[SupplyRun, bool]:
    """The run of this very work, and whether it is new. Locks the scenario: a double click waits."""
    require(actor, "supply.solve")
    scenario = Scenario.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=scenario.pk)
    version = _version_to_solve(scenario.cycle)
    _settle(scenario)
    inputs = inputs_of(scenario, version)
    same = SupplyRun.objects.filter(
        input_hash=inputs["input_hash"], state__in=[*OPEN_STATES, RunState.DONE]
    ).first()
    if same is not None:
        return same, False
    run = SupplyRun.objects.create(
        cycle=scenario.cycle,
        scenario=scenario,
        version=version,
        engine_version=ENGINE_VERSION,
        requested_by=actor,
        **inputs,
    )
    made_for = {"scenario": scenario, "demand": version}
    record(actor=actor, verb="supply solve asked for", subject=run, after=made_for)
    return run, True


def _version_to_solve(cycle: Cycle) -> DemandVersion:
    refuse_outside_supply(cycle)
    version = version_of(cycle)
    if version is None:
        text = "There is no frozen demand to plan supply for. Freeze the consensus in demand planning first."
        raise Refused(Reason(text, "no_demand", url=cycle_path(cycle, "demand")))
    return version


def refuse_outside_supply(cycle: Cycle) -> None:
    """Raise Refused unless the cycle is in supply planning or reconciliation."""
    if cycle.stage not in OPEN_IN:
        stage = cycle.get_stage_display().lower()
        text = f"{cycle} is in {stage}; supply plans change in supply planning and reconciliation."
        raise Refused(Reason(text, "wrong_stage", url=cycle_path(cycle)))


def _settle(scenario: Scenario) -> None:
    """Runs whose job ended without them (cancelled while waiting, a worker lost for good) end too."""
    waiting = scenario.runs.filter(state__in=OPEN_STATES, job__state__in=list(ENDED)).select_related("job")
    for run in waiting:
        if run.job is not None:
            run.state, run.finished = ENDED[JobState(run.job.state)], timezone.now()
            run.save(update_fields=["state", "finished"])


def record_action(
    *,
    actor: Person | None,
    cycle: Cycle,
    gap: str,
    action: str,
    note: str,
    owner: Person,
    due: dt.date,
    quantity: Decimal | float | None = None,
    revision: int | None = None,
) -> SupplyAction:
    """Say what is done about a gap of the supply plan, by whom and until when.

    A second action on the same gap replaces the first (the next revision of its row). Raises
    Invalid for a gap the plan does not have, Conflict after somebody else's save where `revision`
    is given.
    """
    require(actor, "supply.act")
    fields = _checked_action(cycle, gap, action, note, owner, due, quantity)
    there = SupplyAction.objects.filter(cycle=cycle, gap=gap).first()
    if there is None:
        return create_row(
            actor=actor, row=SupplyAction(cycle=cycle, gap=gap, **fields), verb="supply action decided"
        )
    seen = there.revision if revision is None else revision
    return change_row(actor=actor, row=there, revision=seen, changes=fields, verb="supply action changed")


def _checked_action(
    cycle: Cycle,
    gap: str,
    action: str,
    note: str,
    owner: Person,
    due: dt.date,
    quantity: Decimal | float | None,
) -> dict[str, Any]:
    refuse_outside_supply(Cycle.objects.get(pk=cycle.pk))
    known = {one.key: one for one in gaps_of(cycle)}
    reasons = []
    if gap not in known:
        text = f"The supply plan has no gap “{gap}”. Open the supply page and choose one of its gaps."
        reasons.append(Reason(text, "invalid", "gap", cycle_path(cycle, "supply")))
    if action not in ActionKind.values:
        reasons.append(Reason(f"“{action}” is not an action. Choose one of the list.", "invalid", "action"))
    if not note.strip():
        reasons.append(Reason("Say in a sentence what will be done, or why nothing is.", "required", "note"))
    if quantity is not None and Decimal(str(quantity)) < 0:
        reasons.append(Reason("A quantity is 0 or more.", "invalid", "quantity"))
    if reasons:
        raise Invalid(*reasons)
    amount = None if quantity is None else Decimal(str(quantity)).quantize(Decimal("0.0001"))
    return {
        "kind": known[gap].kind,
        "action": action,
        "note": note.strip(),
        "owner": owner,
        "due": due,
        "quantity": amount,
    }
