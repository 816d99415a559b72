"""Solving one run: load, build, solve, store, all of it or nothing."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from catalog.models import CapacityUse, Cost, Resource
from core import company
from core.errors import Refused
from core.jobs import Cancelled, Progress, input_hash
from forecasting.models import RunState
from planning.engine.supply import Infeasible, NotSolved, Solution, solve_by_blocks
from planning.models import DemandVersion, Scenario, SupplyRun
from planning.pipeline.supply.building import Built, Policy, build
from planning.pipeline.supply.storing import store_plan
from planning.pipeline.supply.summary import summary_of
from planning.selectors.supply import made_from_of

ENGINE_VERSION = "supply 1"
POLICY = ("service_level", "lead_time", "holding_percent", "backlog_percent", "outsourcing_percent")


class Reports(Protocol):
    """Who is told how far the solve is; `report` may raise to stop it."""

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """So many of so many are done, and this is done now; None says nothing about it."""


class Silent:
    """Nobody is told."""

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Nothing happens."""


def settings_now() -> dict[str, float]:
    """The company's settings that a solve follows, and from what money a gap is shown."""
    return {name: float(company.value(name)) for name in (*POLICY, "exception_money")}


def inputs_of(scenario: Scenario, version: DemandVersion) -> dict[str, Any]:
    """What a solve of the scenario is made from now: the run keeps it, and its hash finds the same work.

    Beside imports, the hand-made changes of the catalog count.
    """
    made_from = made_from_of(scenario)
    settings = settings_now()
    edited = [_revisions(model) for model in (CapacityUse, Resource, Cost)]
    forecast = version.cycle.forecast_run_id
    everything = [made_from, settings, edited, forecast, ENGINE_VERSION]
    return {"made_from": made_from, "settings": settings, "input_hash": input_hash(everything)}


def _revisions(model: Any) -> list[int]:
    found = model.objects.aggregate(rows=Count("pk"), revisions=Sum("revision"))
    return [found["rows"], found["revisions"] or 0]


def solve_run(run: SupplyRun, progress: Reports | None = None) -> SupplyRun:
    """Solve a waiting run and store its plan. Raises Refused, with what to do, where there is none.

    With a job's progress, plan and job end in one transaction.
    """
    progress = progress or Silent()
    _to_state(run, RunState.RUNNING)
    try:
        built, plan = _solve(run, progress)
        progress.report(step="Storing the plan")
        _finish(run, built, plan, progress)
    except (Infeasible, NotSolved, ValueError) as error:
        _to_state(run, RunState.FAILED)
        raise Refused(str(error)) from error
    except Cancelled:
        _to_state(run, RunState.CANCELLED)
        raise
    except Exception:
        _to_state(run, RunState.FAILED)
        raise
    return run


def _solve(run: SupplyRun, progress: Reports) -> tuple[Built, Solution]:
    progress.report(done=0, total=1, step="Reading demand, stock and capacity")
    built = build(run.scenario, run.version, Policy(**{name: run.settings[name] for name in POLICY}))

    def before_each(number: int, of: int) -> None:
        progress.report(done=number, total=of, step=f"Solving part {number + 1} of {of}")

    return built, solve_by_blocks(built.problem, before_each=before_each)


def _finish(run: SupplyRun, built: Built, plan: Solution, progress: Reports) -> None:
    summary = summary_of(built, plan, run.settings["exception_money"])
    with _storing(progress) as store:
        store_plan(run, built, plan)
        run.cost, run.summary = round(summary["cost"], 4), summary
        run.state, run.finished = RunState.DONE, timezone.now()
        run.save(update_fields=["cost", "summary", "state", "finished"])
        if store is not None:
            store.result = {"run": run.pk, "cost": round(summary["cost"], 2)}


def _storing(progress: Reports) -> AbstractContextManager[Progress | None]:
    return progress.store() if isinstance(progress, Progress) else _atomic()


def _atomic() -> AbstractContextManager[None]:
    atomic: Any = transaction.atomic()
    return atomic


def _to_state(run: SupplyRun, state: RunState) -> None:
    """Where the transaction around is broken, its rollback undoes the run as well."""
    if transaction.get_connection().needs_rollback:
        return
    run.state = state
    SupplyRun.objects.filter(pk=run.pk).update(state=state)
