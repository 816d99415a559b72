"""The meetings of a cycle, their minutes and tasks, and the registers."""

import datetime as dt

from django.utils import timezone

from catalog.models import Family
from demo.company.words import ANALYST, CEO, CFO, COORDINATOR, MANAGER, SALES_MANAGER, SECOND_ANALYST, VP
from demo.loading.cycles.told import Chapter, who
from planning.models import Assumption, Meeting, RiskOrOpportunity
from planning.services.meetings import Action, add_meeting, write_minutes
from planning.services.registers import add_assumption, add_risk, change_assumption
from planning.services.tasks import finish_task

ROOM = "Room Saltfjell and online"
PLANNERS = (MANAGER, ANALYST, SECOND_ANALYST, COORDINATOR)
INVITED = {
    "demand": (*PLANNERS, SALES_MANAGER),
    "supply": PLANNERS,
    "reconciliation": (*PLANNERS, VP),
    "release": (VP, MANAGER, CFO, CEO),
}
BEGINS = dt.time(10)
TASK_DAYS = 5


def hold(chapter: Chapter, title: str, minutes: str) -> None:
    """The stage's meeting on its due day; with minutes it was held, and its tasks are done."""
    stage = chapter.stage()
    meeting = Meeting.objects.filter(cycle=chapter.cycle, stage=stage.name).first()
    if meeting is None:
        meeting = add_meeting(
            actor=who(COORDINATOR),
            cycle=chapter.cycle,
            stage=stage.name,
            title=title,
            begins=timezone.make_aware(dt.datetime.combine(stage.due, BEGINS)),
            owner=who(MANAGER),
            attendees=[who(email) for email in INVITED[stage.name]],
            place=ROOM,
        )
    if minutes and not meeting.minutes:
        _write_up(chapter, meeting, minutes)


def _write_up(chapter: Chapter, meeting: Meeting, minutes: str) -> None:
    due = meeting.begins.date() + dt.timedelta(days=TASK_DAYS)
    given = chapter.words.actions if meeting.stage == "demand" else ()
    actions = [Action(title=what, owner=who(email), due=due) for email, what in given]
    write_minutes(
        actor=who(MANAGER), meeting=meeting, revision=meeting.revision, minutes=minutes, actions=actions
    )
    for task in meeting.actions.select_related("owner"):
        finish_task(actor=task.owner, task=task, revision=task.revision)


def write_registers(chapter: Chapter) -> None:
    """Assumptions, risks and opportunities of the cycle."""
    families = Family.objects.in_bulk(field_name="code")
    cycle = chapter.cycle
    there = set(Assumption.objects.filter(cycle=cycle).values_list("text", flat=True))
    for said in chapter.words.assumptions:
        if said.text not in there:
            family = families.get(said.family)
            owner = who(said.owner)
            add_assumption(actor=owner, cycle=cycle, text=said.text, owner=owner, family=family)
    known = set(RiskOrOpportunity.objects.filter(cycle=cycle).values_list("title", flat=True))
    for risk in chapter.words.risks:
        if risk.title not in known:
            add_risk(
                actor=who(risk.owner),
                cycle=cycle,
                title=risk.title,
                text=risk.text,
                owner=who(risk.owner),
                money=risk.money,
                probability=risk.probability,
                leaning=risk.leaning,
                family=families.get(risk.family),
            )


def tell_outcomes(chapter: Chapter) -> None:
    """Once the cycle is over, its assumptions are known to have held or not."""
    outcomes = {said.text: said.outcome for said in chapter.words.assumptions}
    for row in Assumption.objects.filter(cycle=chapter.cycle, outcome="open").select_related("owner"):
        outcome = outcomes.get(row.text, "open")
        if outcome != "open":
            changes = {"outcome": outcome}
            change_assumption(actor=row.owner, assumption=row, revision=row.revision, changes=changes)
