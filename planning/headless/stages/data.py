"""Stage 1 without people: settle the sources, freeze, forecast, accuracy."""

from core.roles import Role
from gathering.models import SourceState
from gathering.selectors.sources import Board, Line
from gathering.selectors.totals import brought_by
from gathering.services.sources import compare_totals, sign_source, waive_source
from planning.headless.run import Run
from planning.headless.stages.checklist import tick_all
from planning.services.data import compute_accuracy, freeze_data
from planning.services.forecast_now import forecast_now

NO_FILE = "Headless cycle: no file of this source was in the folder."


def work(run: Run) -> None:
    """Everything until data gathering can be signed."""
    coordinator, analyst = run.people[Role.COORDINATOR], run.people[Role.ANALYST]
    with run.step("data: sources"):
        settle_sources(run)
    with run.step("data: freeze"):
        freeze = freeze_data(actor=coordinator, cycle=run.cycle)
    with run.step("data: forecast"):
        forecast = forecast_now(actor=analyst, cycle=run.cycle)
    with run.step("data: accuracy"):
        compute_accuracy(actor=analyst, cycle=run.cycle)
    run.cycle.refresh_from_db()
    run.figures["data"] = {"fingerprint": freeze.fingerprint, "forecast_run": forecast.pk}
    run.figures["forecast"] = {"series": forecast.series, "engine": forecast.engine_version}
    tick_all(run)


def settle_sources(run: Run) -> None:
    """Sign what came in against its own totals, do without what did not."""
    for line in Board(None, run.cycle.month).lines:
        if line.source.is_required and not line.is_settled:
            _settle(run, line)


def _settle(run: Run, line: Line) -> None:
    source, month, actor = line.source, run.cycle.month, run.people[Role.COORDINATOR]
    if line.row.state not in {SourceState.RECEIVED, SourceState.CHECKED}:
        run.accept("data", f"{source.name} is waived.", NO_FILE)
        waive_source(actor=actor, source=source, month=month, reason=NO_FILE)
        return
    if line.row.state == SourceState.RECEIVED:
        run.accept("data", f"{source.name} is signed.", "Its control totals are those of the file itself.")
        brought = brought_by(line.row.run)
        totals = {f"control_{name}": value for name, value in brought.items() if value}
        compare_totals(actor=actor, source=source, month=month, revision=line.row.revision, totals=totals)
    sign_source(actor=actor, source=source, month=month)
