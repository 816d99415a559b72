"""Reading meetings, and what their agendas begin with."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from core.formats import show
from core.models import Person
from core.roles import can
from planning.engine.days import due_in
from planning.models import Cycle, Decision, Meeting, RiskOrOpportunity, Task

# The reviews of S&OP practice: what each looks at, in the order in which it does.
AGENDAS: dict[str, tuple[str, ...]] = {
    "data": (
        "Actions of the last meeting",
        "Sources: what is missing, what was waived and why",
        "Data quality: blocking findings",
        "Accuracy of the last cycle: what it teaches",
    ),
    "demand": (
        "Actions of the last meeting",
        "Exceptions ranked by money",
        "Inputs of sales, marketing and finance that differ from the baseline",
        "Launches, promotions and phase-outs",
        "Assumptions that changed",
        "Consensus: agree on the plan",
    ),
    "supply": (
        "Actions of the last meeting",
        "Shortages and overloads, and what is done about each",
        "Stock against its targets",
        "Scenarios to be compared",
    ),
    "reconciliation": (
        "Actions of the last meeting",
        "Plan against budget and the last cycle: units, revenue, margin",
        "Contradictions ranked by money: one decision each",
        "Scenario to be recommended",
        "Questions to the executives, with options",
    ),
    "release": (
        "Actions of the last meeting",
        "How the last plan did",
        "The plan: revenue, margin, stock, capacity",
        "Risks and opportunities",
        "Decisions asked for",
        "Approval",
    ),
}
SHOWN = 8


def meetings_visible_to(user: Any) -> QuerySet[Meeting]:
    """Every meeting for planners; others see those they own or attend."""
    people = Prefetch("attendees", Person.objects.order_by("name"))
    meetings = Meeting.objects.select_related("cycle", "owner").prefetch_related(people)
    if user is None or can(user, "tasks.manage"):
        return meetings
    return meetings.filter(pk__in=Meeting.objects.filter(Q(owner=user) | Q(attendees=user)).values("pk"))


def agenda_for(cycle: Cycle, stage: str) -> str:
    """The agenda a meeting of the stage begins with: the review's points, then what is open."""
    lines = [f"{place}. {point}" for place, point in enumerate(AGENDAS.get(stage, ()), start=1)]
    open_parts = (
        ("Open decisions", _open_decisions(cycle)),
        ("Open actions", _open_tasks(cycle)),
        ("Largest risks and opportunities", _largest_risks(cycle)),
    )
    for title, found in open_parts:
        if found:
            lines += ["", f"{title}:", *(f"- {line}" for line in found)]
    return "\n".join(lines)


def _open_decisions(cycle: Cycle) -> list[str]:
    rows = Decision.objects.filter(cycle=cycle, decided="").select_related("owner")[:SHOWN]
    return [f"{row.title} ({show(row.money, 'money')[0]}; {row.owner.name})" for row in rows]


def _open_tasks(cycle: Cycle) -> list[str]:
    today = timezone.localdate()
    rows = Task.objects.filter(cycle=cycle, done=None).select_related("owner")[:SHOWN]
    return [f"{row.title} ({row.owner.name}, {due_in(row.due, today)})" for row in rows]


def _largest_risks(cycle: Cycle) -> list[str]:
    rows = RiskOrOpportunity.objects.filter(cycle=cycle, is_open=True)[:SHOWN]
    return [
        f"{row.get_leaning_display()}: {row.title} ({show(row.money, 'money')[0]} at "
        f"{show(row.probability, 'percent')[0]})"
        for row in rows
    ]
