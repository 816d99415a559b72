"""Reading data sources: the board of a month, due days, and what blocks a signature."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.engine.workdays import nth_workday
from catalog.selectors import company_work_rule
from core.models import Person
from gathering.models import (
    DataSource,
    ImportRun,
    IssueState,
    QualityIssue,
    Severity,
    SourceMonth,
    SourceState,
)

SETTLED = {SourceState.SIGNED, SourceState.WAIVED}


def this_month() -> dt.date:
    """The month that is being gathered now."""
    return timezone.localdate().replace(day=1)


def sources_visible_to(user: Person) -> QuerySet[DataSource]:
    """Every data source, with its owner and profile."""
    return DataSource.objects.select_related("owner", "profile")


def months_visible_to(user: Person) -> QuerySet[SourceMonth]:
    """Every month of every source that somebody or some file has touched."""
    return SourceMonth.objects.select_related(
        "source", "source__owner", "run", "run__uploaded_by", "settled_by"
    )


@dataclass(frozen=True)
class Line:
    """One line of the board: a source in a month. `row` is not saved until something happens to it."""

    source: DataSource
    row: SourceMonth
    today: dt.date

    @property
    def pk(self) -> int:
        """The source's key, by which lists tell rows apart."""
        return self.source.pk

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be done any more this month."""
        return self.row.state in SETTLED

    @property
    def is_late(self) -> bool:
        """Whether it is required, past its day and not settled."""
        return not self.is_settled and self.source.is_required and self.row.due < self.today

    @property
    def is_due(self) -> bool:
        """Due today or on the next day, and not settled."""
        soon = self.row.due <= self.today + dt.timedelta(days=1)
        return not self.is_settled and self.source.is_required and soon

    @property
    def days(self) -> int:
        """Days until it is due; negative when late."""
        return (self.row.due - self.today).days


class Board:
    """Every active source in one month, the late ones first."""

    def __init__(self, user: Person | None, month: dt.date) -> None:
        self.user, self.month = user, month.replace(day=1)
        self.today = timezone.localdate()

    @cached_property
    def lines(self) -> list[Line]:
        """Sources in use or with a row in the month; open and required ones first, then by day due."""
        due = DueDays(self.month)
        rows = {row.source_id: row for row in self._rows()}
        shown = DataSource.objects.select_related("owner", "profile").filter(
            Q(is_active=True) | Q(pk__in=rows)
        )
        lines = [Line(s, rows.get(s.pk) or blank(s, self.month, due), self.today) for s in shown]
        return sorted(lines, key=lambda x: (x.is_settled, not x.source.is_required, x.row.due, x.source.code))

    @property
    def late(self) -> list[Line]:
        """The lines past their day."""
        return [line for line in self.lines if line.is_late]

    @property
    def settled(self) -> list[Line]:
        """The lines with which nothing is to be done."""
        return [line for line in self.lines if line.is_settled]

    def _rows(self) -> QuerySet[SourceMonth]:
        return SourceMonth.objects.filter(month=self.month).select_related("run", "settled_by")


class DueDays:
    """The n-th workdays of a month by the company's calendar, read once."""

    def __init__(self, month: dt.date) -> None:
        self.month, self._rule = month, company_work_rule(month)

    def of(self, workday: int) -> dt.date:
        """The day of that working day of the month."""
        return nth_workday(self._rule, self.month, workday)


def blank(source: DataSource, month: dt.date, due: DueDays) -> SourceMonth:
    """A month of a source to which nothing has happened yet. Not saved."""
    return SourceMonth(source=source, month=month, due=due.of(source.due_workday))


def sources_of_run(run: ImportRun) -> list[DataSource]:
    """The active sources that a file answers: by its source's code, else by profile, else by dataset."""
    same = list(DataSource.objects.filter(dataset=run.dataset, is_active=True))
    named = [source for source in same if source.code == run.source]
    if named:
        return named
    profiled = [source for source in same if source.profile_id and source.profile_id == run.profile_id]
    return profiled or [source for source in same if source.profile_id is None]


def blocking_issues(row: SourceMonth) -> QuerySet[QualityIssue]:
    """The open blocking findings in the source's data up to this month."""
    return QualityIssue.objects.filter(
        Q(month=None) | Q(month__lte=row.month),
        dataset=row.source.dataset,
        severity=Severity.BLOCKING,
        state=IssueState.OPEN,
    ).order_by("-money", "pk")
