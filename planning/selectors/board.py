"""The board of a cycle: where the month stands, what holds it up, and what comes next."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from core.models import Event, Person
from planning.engine.moves import STAGES
from planning.models import ChecklistItem, Cycle, Decision, Meeting, RiskOrOpportunity, Stage, StageName, Task
from planning.selectors.artefacts import ARTEFACTS, Colour, colours_of
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.registers import (
    Balance,
    balance_of,
    open_decisions_of,
    risks_visible_to,
    top_risks_of,
)
from planning.selectors.tasks import open_tasks_of
from planning.selectors.timeline import timeline_of

SHOWN = 6
SHOWN_EVENTS = 12


@dataclass(frozen=True)
class StageLine:
    """One stage on the board. `days` until it is due, negative when late."""

    stage: Stage
    artefact: str
    colour: Colour
    is_now: bool
    is_ahead: bool
    today: dt.date

    @property
    def days(self) -> int:
        """Days until it is due; below 0 it is past."""
        return (self.stage.due - self.today).days

    @property
    def is_late(self) -> bool:
        """Whether it is past its day and not signed."""
        return self.stage.signed is None and self.days < 0


class CycleBoard:
    """What one person sees of a cycle. Every part is read once, when it is first asked for."""

    def __init__(self, user: Person, cycle: Cycle) -> None:
        self.user, self.cycle = user, cycle
        self.today = timezone.localdate()

    @cached_property
    def colours(self) -> dict[str, Colour]:
        """By stage whether its artefact is current."""
        return colours_of(self.cycle)

    @cached_property
    def stages(self) -> list[Stage]:
        """The five stages with their owners, signers and checklists, in their order."""
        items = Prefetch("checklist", ChecklistItem.objects.select_related("done_by"))
        rows = self.cycle.stages.select_related("owner", "signed_by").prefetch_related(items)
        for stage in rows:
            stage.cycle = self.cycle
        return sorted(rows, key=lambda stage: STAGES.index(stage.name))

    @cached_property
    def stage_now(self) -> Stage | None:
        """The stage the cycle is in; None once it is over."""
        return next((stage for stage in self.stages if stage.name == self.cycle.stage), None)

    @cached_property
    def lines(self) -> list[StageLine]:
        """The stages as rows of the board."""
        now = STAGES.index(self.cycle.stage) if self.cycle.stage in STAGES else len(STAGES)
        return [
            StageLine(
                stage=stage,
                artefact=ARTEFACTS[stage.name].label,
                colour=self.colours[stage.name],
                is_now=place == now,
                is_ahead=place > now,
                today=self.today,
            )
            for place, stage in enumerate(self.stages)
        ]

    @cached_property
    def tasks(self) -> QuerySet[Task]:
        """What is to be done by whom, of what the person may see."""
        return open_tasks_of(self.user, self.cycle)

    @cached_property
    def decisions(self) -> QuerySet[Decision]:
        """What waits for a decision, of what the person may see."""
        return open_decisions_of(self.user, self.cycle)

    @cached_property
    def top_risks(self) -> list[RiskOrOpportunity]:
        """The risks and opportunities with the most money, of the person's scope."""
        return list(top_risks_of(self.user, self.cycle)[:SHOWN])

    @cached_property
    def balance(self) -> Balance:
        """What open risks and opportunities of the person's scope come to."""
        return balance_of(risks_visible_to(self.user).filter(cycle=self.cycle))

    @cached_property
    def meetings(self) -> list[Meeting]:
        """The meetings of the cycle in their order."""
        return list(meetings_visible_to(self.user).filter(cycle=self.cycle).order_by("begins"))

    @cached_property
    def events(self) -> list[Event]:
        """What happened lately, the newest first."""
        return timeline_of(self.user, self.cycle, limit=SHOWN_EVENTS)

    @property
    def state(self) -> str:
        """The stage that the cycle is in, as people read it."""
        return StageName(self.cycle.stage).label
