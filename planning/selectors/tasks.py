"""Reading tasks: everybody's for planners, one's own for the others."""

import datetime as dt
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from core.models import Person
from core.roles import can
from planning.models import Cycle, Task

OVER = ("superseded", "abandoned")
OPEN_FIRST = Case(When(done=None, then=Value(0)), default=Value(1))


def tasks_visible_to(user: Any) -> QuerySet[Task]:
    """Every task for those who give tasks; others see their own. The open ones first."""
    tasks = Task.objects.select_related("owner", "cycle", "done_by", "meeting").annotate(is_over=OPEN_FIRST)
    if user is None or can(user, "tasks.manage"):
        return tasks
    return tasks.filter(owner=user)


def open_tasks_of(user: Any, cycle: Cycle) -> QuerySet[Task]:
    """What is still to be done in a cycle, the most urgent first."""
    return tasks_visible_to(user).filter(cycle=cycle, done=None).order_by("due", "pk")


def tasks_of_person(person: Person) -> QuerySet[Task]:
    """One's own tasks that are still to be done."""
    return tasks_visible_to(person).filter(owner=person, done=None).exclude(cycle__stage__in=OVER)


def tasks_to_remind_of(day: dt.date) -> QuerySet[Task]:
    """Open tasks due by the day after, whose owners were not reminded on the day."""
    due = Q(done=None, due__lte=day + dt.timedelta(days=1)) & (Q(reminded=None) | Q(reminded__lt=day))
    tasks = Task.objects.filter(due).exclude(cycle__stage__in=OVER).select_related("owner")
    return tasks.order_by("owner", "due", "pk")
