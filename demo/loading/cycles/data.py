"""Stage 1: each source is settled by the file that brought the month, the data frozen and forecast."""

from core.errors import Refused
from core.models import Person
from demo.company.words import ANALYST, COORDINATOR
from demo.loading.cycles.told import Chapter, tick_all, who
from demo.loading.month import check_totals
from gathering.models import (
    DataSource,
    ImportRun,
    ImportState,
    IssueState,
    QualityIssue,
    Severity,
    SourceMonth,
    SourceState,
)
from gathering.services.quality import waive_issues
from gathering.services.sources import sign_source, waive_source
from gathering.workflow import open_month, perform
from planning.services.data import compute_accuracy, freeze_data
from planning.services.forecast_now import forecast_now

NO_FILE = {
    "leeds-stock": "The Leeds warehouse changes its system; its stock of last month is carried on.",
    "sales-targets": "Targets changed last quarter and stay until the year ends.",
}
LEFT_OUT = "Known and small: booked right in the next month, or waiting for its name."


def work(chapter: Chapter) -> None:
    """Everything until data gathering can be signed."""
    coordinator, analyst = who(COORDINATOR), who(ANALYST)
    accept_findings(analyst)
    for source in DataSource.objects.filter(is_active=True, is_required=True).order_by("pk"):
        settle(source, chapter, coordinator)
    freeze_data(actor=coordinator, cycle=chapter.cycle)
    forecast_now(actor=analyst, cycle=chapter.cycle)
    compute_accuracy(actor=analyst, cycle=chapter.cycle)
    tick_all(chapter)


def accept_findings(actor: Person) -> None:
    """What blocks is small here; the analyst says so, and it no longer blocks."""
    blocking = QualityIssue.objects.filter(severity=Severity.BLOCKING, state=IssueState.OPEN)
    keys = list(blocking.values_list("pk", flat=True))
    if keys:
        waive_issues(actor=actor, issues=keys, reason=LEFT_OUT)


def settle(source: DataSource, chapter: Chapter, actor: Person) -> None:
    """Sign the source by the file that holds the month, or do without it."""
    month = chapter.cycle.month
    row = open_month(source, month)
    if row.state in {SourceState.SIGNED, SourceState.WAIVED}:
        return
    brought = _run_of(source)
    if row.state == SourceState.MISSING and brought is not None:
        row = perform(source=source, month=month, name="receive", actor=None, changes={"run": brought})
    if row.state == SourceState.MISSING:
        reason = NO_FILE.get(source.code, "Nothing changed against the month before.")
        waive_source(actor=actor, source=source, month=month, reason=reason)
        return
    _sign(row, actor)


def _sign(row: SourceMonth, actor: Person) -> None:
    if row.state == SourceState.RECEIVED:
        row = check_totals(row, actor)
    if row.state != SourceState.CHECKED:
        raise Refused(f"{row} is {row.get_state_display().lower()} and cannot be signed.")
    sign_source(actor=actor, source=row.source, month=row.month)


def _run_of(source: DataSource) -> ImportRun | None:
    """The newest import of the source's dataset; of its own file where it has one."""
    runs = ImportRun.objects.filter(dataset=source.dataset, state=ImportState.COMMITTED).order_by("-pk")
    if source.profile_id is not None:
        return runs.filter(profile=source.profile).first()
    return runs.filter(profile=None).first()
