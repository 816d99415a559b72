"""The calendar: due days of stages, tasks and data sources, and meetings."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.roles import can
from gathering.selectors.sources import Board
from gathering.workflow import month_url
from planning.engine.days import due_in
from planning.models import Meeting, Stage, Task
from planning.selectors.addresses import cycle_path, meeting_path, task_path
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.tasks import tasks_visible_to


@dataclass(frozen=True)
class Item:
    """One entry of the calendar. `at` is the hour of a meeting; due days have none."""

    key: str
    kind: str
    day: dt.date
    title: str
    who: str
    url: str
    tone: str
    state: str
    at: dt.datetime | None = None
    minutes_long: int = 0
    place: str = ""


def items_between(user: Any, first: dt.date, last: dt.date) -> list[Item]:
    """What is due or meets from the first to the last day, in order."""
    today = timezone.localdate()
    found = [
        *stage_items(Stage.objects.filter(due__range=(first, last)), today),
        *meeting_items(_meetings_between(user, first, last)),
        *task_items(tasks_visible_to(user).filter(due__range=(first, last)), today),
        *_sources(user, first, last, today),
    ]
    return sorted(found, key=lambda item: (item.day, item.at is not None, _hour(item), item.kind, item.title))


def _hour(item: Item) -> dt.datetime:
    return item.at or dt.datetime.min.replace(tzinfo=dt.UTC)


def stage_items(rows: QuerySet[Stage], today: dt.date) -> Iterable[Item]:
    """Stages as entries; those of ended cycles are left out."""
    live = rows.exclude(cycle__stage__in=["abandoned", "superseded"])
    for stage in live.select_related("cycle", "owner"):
        yield Item(
            key=f"stage-{stage.pk}",
            kind="stage",
            day=stage.due,
            title=f"{stage.get_name_display()}, {stage.cycle.month:%b %y}",
            who=stage.owner.name,
            url=cycle_path(stage.cycle, stage.name),
            tone=_tone(stage.due, today, stage.signed is not None),
            state="signed" if stage.signed else due_in(stage.due, today),
        )


def _meetings_between(user: Any, first: dt.date, last: dt.date) -> QuerySet[Meeting]:
    zone = timezone.get_current_timezone()
    begins = dt.datetime.combine(first, dt.time.min, zone)
    ends = dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, zone)
    return meetings_visible_to(user).filter(begins__gte=begins, begins__lt=ends)


def meeting_items(rows: Iterable[Meeting]) -> Iterable[Item]:
    """Meetings as entries, at their hour."""
    for meeting in rows:
        local = timezone.localtime(meeting.begins)
        yield Item(
            key=f"meeting-{meeting.pk}",
            kind="meeting",
            day=local.date(),
            title=meeting.title,
            who=meeting.owner.name,
            url=meeting_path(meeting),
            tone="info",
            state=f"{local:%H:%M}",
            at=local,
            minutes_long=meeting.minutes_long,
            place=meeting.place,
        )


def task_items(rows: Iterable[Task], today: dt.date) -> Iterable[Item]:
    """Tasks as entries, on the day they are due."""
    for task in rows:
        yield Item(
            key=f"task-{task.pk}",
            kind="task",
            day=task.due,
            title=task.title,
            who=task.owner.name,
            url=task_path(task),
            tone=_tone(task.due, today, task.done is not None),
            state="done" if task.done else due_in(task.due, today),
        )


def _sources(user: Any, first: dt.date, last: dt.date, today: dt.date) -> Iterable[Item]:
    if not can(user, "sources.view"):
        return
    month = first.replace(day=1)
    while month <= last:
        for line in Board(user, month).lines:
            if first <= line.row.due <= last:
                yield Item(
                    key=f"source-{line.source.pk}-{month:%Y-%m}",
                    kind="source",
                    day=line.row.due,
                    title=line.source.name,
                    who=line.source.owner.name,
                    url=month_url(line.row),
                    tone=_tone(line.row.due, today, line.is_settled),
                    state="settled" if line.is_settled else due_in(line.row.due, today),
                )
        month = (month + dt.timedelta(days=32)).replace(day=1)


def _tone(due: dt.date, today: dt.date, is_done: bool) -> str:
    if is_done:
        return "good"
    days = (due - today).days
    return "bad" if days < 0 else "warn" if days <= 1 else "quiet"
