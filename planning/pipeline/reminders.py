"""The daily reminders of tasks that are due or late."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from core.models import Person
from core.services.notifications import notify
from planning.engine.days import due_in
from planning.models import Task
from planning.selectors.addresses import task_path
from planning.selectors.tasks import tasks_to_remind_of


@transaction.atomic
def remind_of_due_tasks(*, today: dt.date | None = None) -> int:
    """Tell every owner once a day, in one message, what is due today or tomorrow or late.

    Says how many owners were told. Two workers at once never tell twice.
    """
    day = today or timezone.localdate()
    waiting: dict[Person, list[Task]] = {}
    for task in tasks_to_remind_of(day).select_for_update(of=("self",), skip_locked=True):
        waiting.setdefault(task.owner, []).append(task)
    for owner, tasks in waiting.items():
        _remind(owner, tasks, day)
        mark_reminded(tasks, day)
    return len(waiting)


def mark_reminded(tasks: Iterable[Task], day: dt.date) -> None:
    """When a reminder went out is no edit: no revision, no event."""
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(reminded=day)


def _remind(owner: Person, tasks: list[Task], day: dt.date) -> None:
    late = sum(task.due < day for task in tasks)
    what = f"{late} late" if late else f"{len(tasks)} due"
    text = "\n".join(f"{task.title}: {due_in(task.due, day)}." for task in tasks)
    notify(people=[owner], title=f"Your tasks: {what}", text=text, url=task_path())
