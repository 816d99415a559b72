"""What waits in the cycle: approvals, decisions, reviews, inputs, gaps, streams, minutes, own tasks."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone

from catalog.models import Family
from catalog.selectors import base_currency, reach_of
from core import company
from core.formats import show
from core.models import Person
from dashboards.selectors.needs import SHOWN, Item, Need
from dashboards.selectors.remembered import remembered
from planning.models import (
    Approval,
    ApprovalRequest,
    ConsensusTotal,
    Cycle,
    FamilyReview,
    StreamName,
)
from planning.selectors import demand
from planning.selectors.addresses import cycle_path, decision_path, meeting_path, task_path
from planning.selectors.cycles import last_released_before
from planning.selectors.data import last_imports
from planning.selectors.demand_inputs import inputs_visible_to, without_reason
from planning.selectors.exceptions import exceptions_of
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.registers import decisions_visible_to, top_risks_of
from planning.selectors.supply import gaps_of
from planning.selectors.tasks import tasks_of_person


def approvals_waiting(person: Person) -> Need:
    """The plans this person was asked to sign and has not signed."""
    signed = Approval.objects.filter(request=OuterRef("pk"), approver=person)
    rows = ApprovalRequest.objects.filter(~Exists(signed), closed=None, approvers=person)
    items = [
        Item(f"Sign the plan of {row.cycle}", cycle_path(row.cycle, "release"), _asked(row), "warn")
        for row in rows.select_related("cycle", "requested_by")
    ]
    return Need("Plans waiting for your signature", len(items), items[0].url if items else "", items)


def _asked(row: ApprovalRequest) -> str:
    who = row.requested_by.name if row.requested_by else "the system"
    return f"asked by {who}, {show(row.requested, 'time')[0]}"


def decisions_waiting(person: Person, cycle: Cycle, *, of_executives: bool = False) -> Need:
    """What is to be decided in a cycle, the largest money first; for executives what is asked of them."""
    rows = decisions_visible_to(person).filter(cycle=cycle, decided="").order_by("-money", "pk")
    rows = rows.filter(asks_executives=True) if of_executives else rows
    items = [
        Item(row.title, decision_path(row), f"{_money(row.money)} · {_due(row.due)}", _tone(row.due))
        for row in rows
    ]
    title = "Decisions asked of you" if of_executives else "Decisions waiting"
    return _need(title, f"/decisions/?cycle={cycle.pk}", items)


def top_risks(person: Person, cycle: Cycle) -> Need:
    """Open risks and opportunities, the largest expected money first."""
    items = [
        Item(
            row.title,
            f"/risks/{row.pk}/",
            f"{row.get_leaning_display()} · {_money(row.money)} at {show(row.probability, 'percent')[0]}",
            "warn" if row.leaning == "risk" else "good",
        )
        for row in top_risks_of(person, cycle)
    ]
    return _need("Risks and opportunities", f"/risks/?cycle={cycle.pk}", items)


def own_tasks(person: Person) -> Need:
    """What this person has to do, the most urgent first."""
    rows = tasks_of_person(person).order_by("due", "pk")
    items = [Item(row.title, task_path(row), _due(row.due), _tone(row.due)) for row in rows]
    return _need("Your tasks", task_path(), items)


def families_to_review(person: Person, cycle: Cycle) -> Need:
    """Families with a plan that nobody has reviewed in this cycle; those that need attention first."""
    planned = ConsensusTotal.objects.filter(cycle=cycle, family=OuterRef("pk"))
    reviewed = FamilyReview.objects.filter(cycle=cycle, family=OuterRef("pk"), state="reviewed")
    rows = Family.objects.filter(reach_of(person).of_family("pk"), Exists(planned), ~Exists(reviewed))
    notes = _attention(cycle)
    items = [
        Item(row.name, _family_url(cycle, row), notes.get(row.pk, "not looked at"), _attends(row, notes))
        for row in sorted(rows, key=lambda row: (row.pk not in notes, row.name))
    ]
    return _need("Families to review", f"{cycle_path(cycle, 'demand')}#families", items)


def families_needing_attention(person: Person, cycle: Cycle) -> Need:
    """Families that somebody marked as needing attention."""
    notes = _attention(cycle)
    rows = Family.objects.filter(reach_of(person).of_family("pk"), pk__in=notes).order_by("name")
    items = [Item(row.name, _family_url(cycle, row), notes[row.pk], "warn") for row in rows]
    return _need("Families that need attention", f"{cycle_path(cycle, 'demand')}#families", items)


def _attention(cycle: Cycle) -> dict[int, str]:
    rows = FamilyReview.objects.filter(cycle=cycle, state="attention")
    return {family: note or "needs attention" for family, note in rows.values_list("family", "note")}


def _family_url(cycle: Cycle, family: Family) -> str:
    """The family's demand units in the workbench."""
    query = urlencode({"rows": "units", "family": family.code})
    return f"{cycle_path(cycle, 'demand')}grid/?{query}"


def _attends(row: Family, notes: dict[int, str]) -> str:
    return "warn" if row.pk in notes else "quiet"


def inputs_without_reason(person: Person, cycle: Cycle) -> Need:
    """Statements above the company's limit that do not say why."""
    silent = [row.pk for row in without_reason(cycle)]
    rows = inputs_visible_to(person).filter(pk__in=silent)
    items = [
        Item(str(row), f"{cycle_path(cycle, 'demand')}inputs/{row.pk}/", row.author.name, "warn")
        for row in rows
    ]
    return _need("Inputs without a reason", f"{cycle_path(cycle, 'demand')}inputs/", items)


def exceptions_waiting(person: Person, cycle: Cycle) -> Need:
    """The dearest exceptions of the demand plan. Remembered until the consensus, the budget or the
    last plan change: looking through every cell takes a while."""
    consensus = cycle.consensus_totals.order_by().aggregate(Count("pk"), Sum("quantity"), Sum("baseline"))
    last = last_released_before(cycle)
    made_from = [
        *(cycle.pk, last.pk if last else None, company.value("exception_money")),
        *(demand.made_from(cycle), consensus, last_imports().get("budget")),
    ]
    found = remembered("exceptions", person, made_from, lambda: _exceptions(person, cycle))
    return _need("Exceptions by money", f"{cycle_path(cycle, 'demand')}exceptions/", found)


def _exceptions(person: Person, cycle: Cycle) -> list[Item]:
    return [
        Item(
            f"{one.subject} in {one.market}, {one.month:%b %y}",
            one.url,
            f"{one.label} · {_money(one.money)}",
            "warn",
        )
        for one in exceptions_of(person, cycle)
    ]


def gaps_without_action(person: Person, cycle: Cycle) -> Need:
    """Shortages, overloads and excess of the supply plan that nobody does anything about."""
    open_gaps = [gap for gap in gaps_of(cycle, person) if gap.action is None]
    items = [
        Item(
            gap.label,
            cycle_path(cycle, "supply"),
            f"{gap.kind_label} from {gap.first:%b %y} · {_money(gap.money)}",
            "bad" if gap.kind == "shortage" else "warn",
        )
        for gap in open_gaps
    ]
    return _need("Supply gaps without an action", cycle_path(cycle, "supply"), items)


def streams_open(cycle: Cycle) -> Need:
    """The streams that have neither submitted nor been waived, and whose they are."""
    rows = cycle.streams.filter(state="open").exclude(name=StreamName.STATISTICAL).select_related("owner")
    url = f"{cycle_path(cycle, 'demand')}#streams"
    items = [Item(f"{row.get_name_display()} input", url, f"open · {row.owner.name}", "warn") for row in rows]
    return _need("Streams not submitted", url, items)


def meetings_without_minutes(person: Person) -> Need:
    """Meetings that are over and have no minutes."""
    rows = meetings_visible_to(person).filter(begins__lt=timezone.now(), minutes="").order_by("-begins")
    items = [
        Item(row.title, meeting_path(row), f"{show(row.begins, 'time')[0]} · {row.owner.name}", "warn")
        for row in rows
    ]
    return _need("Meetings without minutes", "/meetings/", items)


def _need(title: str, url: str, items: list[Item]) -> Need:
    return Need(title, len(items), url, items[:SHOWN])


def _money(value: Any) -> str:
    return f"{show(value, 'quantity')[0]} {base_currency()}"


def _due(due: dt.date | None) -> str:
    return f"due {show(due, 'date')[0]}" if due else "no due day"


def _tone(due: dt.date | None) -> str:
    return "bad" if due and due < timezone.localdate() else "quiet"
