"""The team in a cycle: who has how much to do, and what of it is late."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from core.models import Person
from planning.models import Cycle, Stage
from planning.selectors.tasks import open_tasks_of


@dataclass
class Member:
    """A person's open work in a cycle: tasks and stages, and how many of them are overdue."""

    name: str
    tasks: int = 0
    overdue: int = 0
    stages: str = ""


def team_of(user: Person, cycle: Cycle, stages: Iterable[Stage]) -> list[Member]:
    """Everybody with an open task or stage, those with the most overdue first."""
    today = timezone.localdate()
    members: dict[str, Member] = {}
    for task in open_tasks_of(user, cycle):
        member = members.setdefault(task.owner.name, Member(task.owner.name))
        member.tasks += 1
        member.overdue += task.due < today
    for stage in stages:
        if stage.signed is None:
            member = members.setdefault(stage.owner.name, Member(stage.owner.name))
            member.stages = ", ".join(filter(None, (member.stages, stage.get_name_display())))
            member.overdue += stage.due < today
    return sorted(members.values(), key=lambda one: (-one.overdue, -one.tasks, one.name))
