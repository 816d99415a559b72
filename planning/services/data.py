"""Stage 1: freeze the data, forecast it, know how good the last plan was."""

from typing import Any

from django.db import transaction

from catalog.engine.months import months_from
from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from forecasting.models import ForecastRun, RunState
from forecasting.services.runs import start_run
from planning.engine.canonical import fingerprint
from planning.models import AccuracyReport, Cycle, DataFreeze, StageName
from planning.pipeline.consensus import recompute
from planning.selectors import data as selectors
from planning.selectors.accuracy import measured
from planning.selectors.addresses import cycle_path
from planning.selectors.data_facts import content_now
from planning.services.data_stage import locked_in

STOPPED = (RunState.FAILED, RunState.CANCELLED)


@transaction.atomic
def freeze_data(*, actor: Person | None, cycle: Cycle) -> DataFreeze:
    """Write down what the facts are now: counts, totals, imports and one fingerprint.

    The same facts give the freeze that is already there. Raises Refused outside data gathering.
    """
    require(actor, "data.freeze")
    fresh = locked_in(cycle, StageName.DATA)
    content = content_now(fresh)
    print_of_it = fingerprint(content)
    last = selectors.freeze_of(fresh)
    if last is not None and last.fingerprint == print_of_it:
        return last
    freeze = DataFreeze.objects.create(cycle=fresh, content=content, fingerprint=print_of_it, frozen_by=actor)
    record(actor=actor, verb="data frozen", subject=fresh, after={"fingerprint": print_of_it})
    return freeze


@transaction.atomic
def start_forecast(*, actor: Person | None, cycle: Cycle) -> ForecastRun:
    """Queue the forecast of the frozen data and pin it. Raises Refused without a fresh freeze."""
    fresh = frozen(cycle)
    run = start_run(actor=actor, **wanted_run(fresh))
    pin_forecast(actor=actor, cycle=fresh, run=run)
    return run


@transaction.atomic
def pin_forecast(*, actor: Person | None, cycle: Cycle, run: ForecastRun) -> Cycle:
    """Make a run the cycle's baseline; a finished one is worked into the consensus at once.

    Raises Refused for a run of other months, a shorter horizon, or one that stopped.
    """
    require(actor, "forecast.run")
    fresh = locked_in(cycle, StageName.DATA)
    _refuse_unfit(fresh, run)
    before = fresh.forecast_run_id
    if before != run.pk:
        fresh.forecast_run = run
        fresh.revision += 1
        fresh.save(update_fields=["forecast_run", "revision"])
        changed = {"forecast run": before}, {"forecast run": run.pk}
        record(actor=actor, verb="forecast pinned", subject=fresh, before=changed[0], after=changed[1])
    if run.state == RunState.DONE:
        recompute(fresh)
    cycle.forecast_run, cycle.revision = run, fresh.revision
    return fresh


@transaction.atomic
def compute_accuracy(*, actor: Person | None, cycle: Cycle) -> AccuracyReport:
    """Measure the last released plan, or for a first cycle the forecast's back-test, and keep it.

    Raises Refused before the data is frozen, or where there is nothing to measure yet.
    """
    require(actor, "data.freeze")
    fresh = frozen(cycle)
    found = measured(fresh)
    if found is None:
        text = (
            "There is no released plan to measure, and no finished forecast whose back-test could stand in. "
            "Run the forecast first."
        )
        raise Refused(Reason(text, "nothing_to_measure", url=cycle_path(fresh, "data")))
    report = AccuracyReport.objects.create(
        cycle=fresh,
        freeze=fresh.freezes.latest("pk"),
        basis=found.basis,
        of_cycle=found.of_cycle,
        month=found.month,
        content=found.content,
        made_by=actor,
    )
    record(actor=actor, verb="accuracy computed", subject=fresh, after=found.content["total"])
    return report


def frozen(cycle: Cycle) -> Cycle:
    """The cycle, locked, if its newest freeze holds what the facts are now."""
    fresh = locked_in(cycle, StageName.DATA)
    was = selectors.was_made_from(fresh)
    if was is None or was != selectors.made_from(fresh):
        why = "not frozen yet" if was is None else "newer than its freeze"
        text = f"The data of {fresh} is {why}. Freeze it first."
        raise Refused(Reason(text, "not_frozen", url=cycle_path(fresh, "data")))
    return fresh


def wanted_run(cycle: Cycle) -> dict[str, Any]:
    """The last month of history and the horizon that the cycle's forecast must have."""
    return {"last_month": months_from(cycle.month, -1)[0], "horizon": cycle.horizon}


def _refuse_unfit(cycle: Cycle, run: ForecastRun) -> None:
    wanted = wanted_run(cycle)
    reasons = []
    if run.last_month != wanted["last_month"]:
        text = f"{run} ends in {run.last_month:%b %Y}; {cycle} needs one up to {wanted['last_month']:%b %Y}."
        reasons.append(Reason(text, "other_months", "run"))
    if run.horizon < cycle.horizon:
        text = f"{run} reaches {run.horizon} months ahead; {cycle} plans {cycle.horizon}."
        reasons.append(Reason(text, "short_horizon", "run"))
    if run.state in STOPPED:
        text = f"{run} {run.get_state_display().lower()}. Start it again, or choose another."
        reasons.append(Reason(text, "run_stopped", "run"))
    if reasons:
        raise Refused(*reasons)
