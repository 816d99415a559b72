"""Tasks of a cycle: given, finished, taken up again, and reminded of."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Reason, Refused
from core.models import Person
from core.roles import can
from core.services.notifications import notify
from planning.engine.days import due_in
from planning.models import Cycle, Meeting, Task
from planning.pipeline.reminders import mark_reminded
from planning.selectors.addresses import task_path


@transaction.atomic
def add_task(
    *,
    actor: Person | None,
    cycle: Cycle,
    title: str,
    owner: Person,
    due: dt.date,
    text: str = "",
    stage: str = "",
    meeting: Meeting | None = None,
) -> Task:
    """Give somebody something to do by a day; without a stage it belongs to the one the cycle is in."""
    if meeting is None or actor is None or meeting.owner_id != actor.pk:
        require(actor, "tasks.manage")
    task = Task(
        cycle=cycle, title=title, text=text, owner=owner, due=due, stage=stage or cycle.stage, meeting=meeting
    )
    saved = create_row(actor=actor, row=task, verb="task given")
    if actor is None or owner.pk != actor.pk:
        _tell(saved, f"A task for you, due {due.day} {due:%b}: {title}")
    return saved


@transaction.atomic
def change_task(*, actor: Person | None, task: Task, revision: int, changes: dict[str, Any]) -> Task:
    """Change a task; a new owner is told. Raises Conflict after somebody else's save."""
    require(actor, "tasks.manage")
    fresh = change_row(actor=actor, row=task, revision=revision, changes=changes, verb="task changed")
    if fresh.owner_id != task.owner_id:
        _tell(fresh, f"A task for you, due {fresh.due.day} {fresh.due:%b}: {fresh.title}")
    return fresh


@transaction.atomic
def finish_task(*, actor: Person | None, task: Task, revision: int, done: bool = True) -> Task:
    """Mark a task as done, or take it up again: its owner's right, and that of who gives tasks."""
    if actor is not None and actor.pk != task.owner_id and not can(actor, "tasks.manage"):
        raise Denied(f"Only {task.owner.name} or a planner finishes this task.")
    require(actor, "tasks.own")
    changes = {"done": timezone.now() if done else None, "done_by": actor if done else None}
    if done == (task.done is not None):
        changes = {}
    verb = "task done" if done else "task taken up again"
    return change_row(actor=actor, row=task, revision=revision, changes=changes, verb=verb)


@transaction.atomic
def remind_of_task(*, actor: Person | None, task: Task) -> Task:
    """Remind the owner now. Raises Refused for a task that is done."""
    require(actor, "tasks.manage")
    locked = Task.objects.select_for_update(of=("self",)).select_related("owner").get(pk=task.pk)
    if locked.done is not None:
        raise Refused(Reason(f"“{locked}” is done: there is nothing to remind of.", "task_done"))
    today = timezone.localdate()
    who = f"{actor.name} reminds you" if actor else "Reminder"
    _tell(locked, f"{who}: {locked.title}, {due_in(locked.due, today)}")
    mark_reminded([locked], today)
    return locked


def _tell(task: Task, title: str) -> None:
    notify(people=[task.owner], title=title, text=task.text, url=task_path(task))
