"""One cycle as its people go through it: who they are, what they say, where the cycle stands."""

from dataclasses import dataclass

from core.models import Person
from demo.company.sayings import Saying
from demo.company.words import Words
from planning.models import ChecklistItem, Cycle, Stage
from planning.services.checklists import tick_item


@dataclass
class Chapter:
    """A cycle of the demo on its way, with everything that is said in it."""

    cycle: Cycle
    words: Words
    sayings: list[Saying]

    def stage(self) -> Stage:
        """The stage that the cycle is in."""
        return Stage.objects.select_related("owner").get(cycle=self.cycle, name=self.cycle.stage)


def who(email: str) -> Person:
    """A person of the demo, by address."""
    return Person.objects.get(email=email)


def tick_all(chapter: Chapter) -> None:
    """The stage's owner ticks off what was looked at."""
    stage = chapter.stage()
    for item in ChecklistItem.objects.filter(stage=stage, done=None).select_related("stage__cycle"):
        tick_item(actor=stage.owner, item=item, revision=item.revision, done=True)
