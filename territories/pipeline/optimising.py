"""Solving a realignment scenario: read, optimise, store, all of it or nothing."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db.models import Sum

from core.errors import Reason, Refused
from core.formats import grouped
from core.jobs import Progress
from territories.engine import VERSION
from territories.engine.assignment import Infeasible, assign, assign_relaxed
from territories.engine.plan import Plan, Settings, relative_gap
from territories.engine.realignment import Proposal, families_apart, fingerprint, problem_of
from territories.models import Scenario, ScenarioSolve, ScenarioState, SolveEnding
from territories.pipeline.scenario_rows import store_accounts, targets_of
from territories.selectors.scenario_inputs import named, proposal_of

ENOUGH = 0.001  # a gap of 0.1 % is close enough
REPORT_SECONDS = 1.0


def solve_job(progress: Progress) -> dict[str, Any]:
    """Solve the scenario that the job is about and store what came of it with the job's end. Raises Refused,
    and then nothing is kept, when somebody changed the scenario meanwhile."""
    job = progress.job
    scenario = Scenario.objects.select_related("model").get(pk=job.params["scenario"])
    _refuse_closed(scenario)
    progress.report(done=0, total=scenario.time_limit, step="Reading accounts, territories and reps")
    before = _state_of(scenario)
    proposal = checked_proposal(scenario)
    begun, relaxes = time.monotonic(), bool(job.params.get("relaxes"))
    found = _optimised(proposal, relaxes=relaxes, heard=_reporter(progress, scenario))
    made = {"requested_by_id": job.requested_by_id, "seconds": time.monotonic() - begun}
    progress.report(step="Storing the plan")
    with progress.store() as store:
        solve = _store(scenario, proposal, found, before, made)
        store.result = {"solve": solve.pk, "moves": solve.moves}
    return store.result or {}


def checked_proposal(scenario: Scenario) -> Proposal:
    """The problem of a scenario. Raises Refused with every reason why it cannot be solved."""
    proposal = proposal_of(scenario)
    if apart := families_apart(proposal):
        text = f"Locked to more than one rep: the companies of {named(apart)}. Unlock all but one, or let "
        raise Refused(Reason(f"{text}families be split.", "families_apart"))
    return proposal


def _optimised(
    proposal: Proposal, *, relaxes: bool, heard: Callable[[float, float, float], bool] | None = None
) -> Plan | Infeasible:
    wishes = proposal.wishes
    settings = Settings(time_limit=wishes.time_limit, seed=wishes.seed, gap=ENOUGH)
    solve = assign_relaxed if relaxes else assign
    try:
        return solve(problem_of(proposal), settings, time.monotonic, heard)
    except Infeasible as error:
        return error
    except ValueError as error:
        raise Refused(str(error)) from error


def _reporter(progress: Progress, scenario: Scenario) -> Callable[[float, float, float], bool]:
    """Tells the job how far the search is, at most once a second; a cancel ends it with Cancelled."""
    told = [-REPORT_SECONDS]

    def heard(objective: float, bound: float, seconds: float) -> bool:
        if seconds - told[0] >= REPORT_SECONDS:
            told[0] = seconds
            done = min(int(seconds), scenario.time_limit)
            progress.report(done=done, step=_in_words(objective, bound))
        return False

    return heard


def _in_words(objective: float, bound: float) -> str:
    if not np.isfinite(objective):
        return "Looking for a first plan"
    gap = relative_gap(objective, bound)
    near = f", at most {grouped(100 * gap, 1)} % above the cheapest there can be" if np.isfinite(gap) else ""
    return f"The best plan so far costs {grouped(objective, 0)} km{near}"


def _store(
    scenario: Scenario,
    proposal: Proposal,
    found: Plan | Infeasible,
    before: tuple[int, ...],
    made: dict[str, Any],
) -> ScenarioSolve:
    fresh = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    _refuse_closed(fresh)
    if _state_of(fresh) != before:
        text = "The scenario was changed while it was solved, so its plan was thrown away. Solve it again."
        raise Refused(Reason(text, "changed"))
    solve = ScenarioSolve.objects.create(
        scenario=scenario,
        engine_version=VERSION,
        settings=_settings_of(proposal),
        input_hash=fingerprint(proposal, VERSION),
        seed=proposal.wishes.seed,
        accounts=len(proposal.table.ids),
        reps=len(proposal.seats.reps),
        **made,
        **_outcome(found),
    )
    if isinstance(found, Plan):
        store_accounts(scenario, proposal, targets_of(proposal, found.owner), solve)
    return solve


def _outcome(found: Plan | Infeasible) -> dict[str, Any]:
    if isinstance(found, Infeasible):
        relaxation = found.relaxation
        can = relaxation.problem is not None
        return {
            "ending": SolveEnding.NONE,
            "relaxations": list(relaxation.sentences),
            "can_relax": can,
        }
    return {
        "ending": found.ending.value,
        "objective": found.objective,
        "bound": found.bound if np.isfinite(found.bound) else None,
        "gap": found.gap if np.isfinite(found.gap) else None,
        "moves": len(found.moved),
        "relaxations": list(found.relaxations),
    }


def _settings_of(proposal: Proposal) -> dict[str, Any]:
    wishes = proposal.wishes
    return {
        "within": dict(wishes.within),
        "move_penalty": wishes.move_penalty,
        "distance_weight": wishes.distance_weight,
        "time_limit": wishes.time_limit,
        "locked": int((proposal.locked >= 0).sum()),
        "enough_gap": ENOUGH,
    }


def _state_of(scenario: Scenario) -> tuple[int, ...]:
    """What changes with every change of a scenario and of its accounts."""
    rows = scenario.accounts.aggregate(total=Sum("revision"))
    return scenario.revision, rows["total"] or 0


def _refuse_closed(scenario: Scenario) -> None:
    if scenario.state != ScenarioState.DRAFT:
        state = scenario.get_state_display().lower()
        raise Refused(Reason(f"{scenario} is {state}; only a draft is solved.", "wrong_state"))
