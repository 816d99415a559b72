"""The parts of a deal's page: its way through the stages, its lines, what else changed."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from core.access import person_of
from core.formats import show
from core.listing import Column, Empty
from core.pages import Link, Section, table_section
from core.roles import can
from crm.models import Deal, DealChange, DealStage, StageKind
from crm.selectors.accounts import contacts_visible_to
from crm.selectors.deals import deal_stages_visible_to, lines_visible_to

EDIT = "deals.edit"
CALLED = {"amount": "Amount", "expected_close": "Expected close", "owner": "Owner", "stage": "Stage"}
NUMBERS = {"amount"}


def way_section(request: HttpRequest, deal: Deal, steps: list[DealChange]) -> Section:
    """Where the deal stands among the stages: those it was in, and those that are still open to it."""
    seen = {step.stage_id for step in steps if step.field == "stage"}
    stages = list(deal_stages_visible_to(person_of(request)))
    ended = deal.stage is not None and deal.stage.kind != StageKind.OPEN
    shown = [stage for stage in stages if stage.kind == StageKind.OPEN]
    shown += [deal.stage] if ended and deal.stage else [s for s in stages if s.kind == StageKind.WON]
    return Section("Stage", "crm/deal_way.html", {"steps": [_step(deal, stage, seen) for stage in shown]})


def _step(deal: Deal, stage: DealStage, seen: set[int | None]) -> dict[str, Any]:
    state = "done" if stage.pk in seen else "todo"
    if deal.stage is not None and stage.pk == deal.stage.pk:
        state = "current"
    tones = {StageKind.WON: "good", StageKind.LOST: "bad"}
    is_end = state == "current" and stage.kind != StageKind.OPEN
    word = stage.get_kind_display() if is_end and stage.get_kind_display() != stage.name else ""
    return {
        "label": stage.name,
        "state": state,
        "tone": tones[StageKind(stage.kind)] if is_end else "",
        "word": word,
    }


def stages_section(deal: Deal, steps: list[DealChange]) -> Section:
    """Each stage the deal was in, from when, and for how many days."""
    own = [step for step in steps if step.field == "stage"]
    ends = [*(step.occurred for step in own[1:]), _end(deal)][: len(own)]
    rows = [(step, _days(step.occurred, end)) for step, end in zip(own, ends, strict=True)]
    return table_section(
        "Way through the stages",
        list(reversed(rows)),
        [
            Column("stage", "Stage", lambda row: row[0].stage.name if row[0].stage else row[0].after),
            Column("from", "Since", lambda row: row[0].occurred, "time"),
            Column("days", "There for", lambda row: row[1], "number", unit="days"),
        ],
        empty=Empty("No stage yet", "Nothing has been told about the stage of this deal."),
    )


def _end(deal: Deal) -> dt.datetime | None:
    """Until when the newest stage is counted: an ended deal waits in no stage any more."""
    return None if deal.closed else timezone.now()


def _days(since: dt.datetime, until: dt.datetime | None) -> int | None:
    return None if until is None else max((until - since).days, 0)


def changes_section(steps: list[DealChange], reps: dict[str, str]) -> Section:
    """Every other change: amount, close date (a push when it moved out), owner."""
    own = [step for step in reversed(steps) if step.field != "stage"]
    return table_section(
        "Amount, date and owner over time",
        own,
        [
            Column("what", "What", lambda step: CALLED.get(step.field, step.field)),
            Column("when", "When", "occurred", "time"),
            Column("before", "Before", lambda step: _shown(step.field, step.before, reps)),
            Column("after", "After", lambda step: _shown(step.field, step.after, reps)),
            Column("note", "Note", _pushed),
        ],
        empty=Empty("No changes yet", "Changes of the amount, the close date and the owner stand here."),
    )


def _shown(field: str, text: str, reps: dict[str, str]) -> str:
    if field in NUMBERS and text:
        return show(text, "money")[0]
    if field == "expected_close" and (day := parse_date(text) if text else None):
        return show(day, "date")[0]
    return reps.get(text, text) if field == "owner" else text


def _pushed(step: DealChange) -> str:
    """How far the close date moved out, in days."""
    before, after = parse_date(step.before or ""), parse_date(step.after or "")
    if step.field != "expected_close" or not before or not after or after <= before:
        return ""
    return f"pushed by {(after - before).days} days"


def owners_named(steps: list[DealChange], named: dict[str, str]) -> set[str]:
    """The codes of reps in the history whose names are still to be looked up."""
    told = {text for step in steps if step.field == "owner" for text in (step.before, step.after)}
    return told - set(named) - {""}


def lines_section(request: HttpRequest, deal: Deal) -> Section:
    unit = deal.currency_id or ""
    add = reverse("crm:deal-line-add", args=[deal.pk])
    may = bool(can(request.user, EDIT))
    return table_section(
        "Lines",
        lines_visible_to(person_of(request)).filter(deal=deal),
        [
            Column("product", "Product", lambda line: line.product.name if line.product else line.text),
            Column("quantity", "Quantity", kind="factor"),
            Column("amount", "Amount", kind="money", unit=unit),
        ],
        empty=Empty("No lines", "A deal about several products has a line for each."),
        links=(Link("Add a line", add, EDIT),) if may else (),
        row_url=(lambda line: reverse("crm:deal-line-edit", args=[line.pk])) if may else None,
    )


def people_section(request: HttpRequest, deal: Deal) -> Section:
    contacts = contacts_visible_to(person_of(request)).filter(account=deal.account_id, is_active=True)
    return table_section(
        "Whom to call",
        contacts[:20] if deal.account_id else [],
        [
            Column("name", "Name"),
            Column("job_title", "Job title"),
            Column("email", "E-mail"),
            Column("phone", "Phone"),
        ],
        empty=Empty("Nobody known", "Contacts of the account stand here."),
        row_url=lambda row: reverse("crm:contact", args=[row.pk]),
    )
