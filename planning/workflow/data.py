"""The guards of stage 1, data gathering: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable

from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse

from catalog.engine.months import months_from
from core.errors import Reason
from forecasting.models import RunState
from gathering.models import DataSource, IssueState, QualityIssue, Severity, SourceMonth, SourceState
from planning.models import Cycle
from planning.selectors import data
from planning.selectors.accuracy import report_of
from planning.selectors.addresses import cycle_path
from planning.selectors.demand_coverage import months_of

MOST_LISTED = 10
# Active demand units for which the run lacks one of the planned months.
UNCOVERED = """
    SELECT count(*) FROM catalog_demandunit d
    LEFT JOIN (SELECT demand_unit_id, count(*) AS months FROM forecasting_forecastvalue
               WHERE run_id = %s AND month >= %s AND month <= %s GROUP BY demand_unit_id) v
           ON v.demand_unit_id = d.id
    WHERE d.is_active AND coalesce(v.months, 0) < %s
"""


def sources_settled(cycle: Cycle) -> list[Reason]:
    """Every required source is signed or waived for the cycle's month."""
    settled = SourceMonth.objects.filter(
        source=OuterRef("pk"), month=cycle.month, state__in=[SourceState.SIGNED, SourceState.WAIVED]
    )
    missing = DataSource.objects.filter(~Exists(settled), is_required=True, is_active=True)
    return [
        Reason(
            f"{source.name} is neither signed nor waived for {cycle.month:%b %Y}. "
            f"{source.owner.name} brings it.",
            "source_open",
            url=reverse("gathering:source-month", args=[source.pk, f"{cycle.month:%Y-%m}"]),
        )
        for source in missing.select_related("owner").order_by("code")
    ]


def no_blocking_issue(cycle: Cycle) -> list[Reason]:
    """No blocking finding is open."""
    issues = QualityIssue.objects.filter(severity=Severity.BLOCKING, state=IssueState.OPEN)
    listed = list(issues.order_by("-money", "pk")[: MOST_LISTED + 1])
    reasons = [
        Reason(
            f"Blocking quality issue: {issue.subject}: {issue.message}",
            "issue_open",
            url=f"{reverse('gathering:issue-list')}{issue.pk}/",
        )
        for issue in listed[:MOST_LISTED]
    ]
    if len(listed) > MOST_LISTED:
        more = issues.count() - MOST_LISTED
        text = f"{more} more blocking quality issues are open."
        reasons.append(Reason(text, "issue_open", url=reverse("gathering:issue-list")))
    return reasons


def data_frozen(cycle: Cycle) -> list[Reason]:
    """The data is frozen, and nothing was imported since."""
    was, here = data.was_made_from(cycle), cycle_path(cycle, "data")
    if was is None:
        return [Reason("The data is not frozen yet. Freeze it.", "not_frozen", url=here)]
    if was != data.made_from(cycle):
        text = "Data was imported after the freeze. Freeze it again, and run the forecast on it."
        return [Reason(text, "freeze_stale", url=here)]
    return []


def forecast_complete(cycle: Cycle) -> list[Reason]:
    """A complete forecast was made from the frozen data."""
    text, code = _forecast_problem(cycle)
    return [Reason(text, code, url=cycle_path(cycle, "data") + "#forecast")] if text else []


def _forecast_problem(cycle: Cycle) -> tuple[str, str]:
    run, last_month = cycle.forecast_run, months_from(cycle.month, -1)[0]
    if run is None:
        return "There is no forecast yet. Run it on the frozen data.", "no_forecast"
    if run.state != RunState.DONE:
        return f"{run} is not done ({run.get_state_display().lower()}).", "forecast_not_done"
    if run.last_month != last_month:
        return f"{run} does not end in {last_month:%b %Y}. Run it again.", "forecast_other_months"
    freeze = data.freeze_of(cycle)
    if freeze is not None and freeze.content.get("history") not in {run.history_hash, run.input_hash}:
        return f"{run} was made on other data than what is frozen. Run it again.", "forecast_stale"
    missing = _uncovered(cycle)
    if missing:
        text = f"{run} leaves {missing} active demand units without a full horizon. Run it again."
        return text, "forecast_incomplete"
    return "", ""


def _uncovered(cycle: Cycle) -> int:
    months = months_of(cycle)
    with connection.cursor() as cursor:
        cursor.execute(UNCOVERED, [cycle.forecast_run_id, months[0], months[-1], len(months)])
        return cursor.fetchone()[0]


def accuracy_known(cycle: Cycle) -> list[Reason]:
    """Somebody computed how good the last plan was."""
    if report_of(cycle) is not None:
        return []
    text = "Nobody has computed how good the last plan was, on the data that is frozen now."
    return [Reason(text, "accuracy_missing", url=cycle_path(cycle, "data") + "#accuracy")]


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {
    "sources_settled": sources_settled,
    "no_blocking_issue": no_blocking_issue,
    "data_frozen": data_frozen,
    "forecast_complete": forecast_complete,
    "accuracy_known": accuracy_known,
}
