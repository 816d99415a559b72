"""Columns, words and small parts that the pages of plans share."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from compensation.engine.plan import Component, Plan
from compensation.engine.plan_text import with_lines
from compensation.engine.plan_words import FORM_NAMES, pay_words
from compensation.engine.word_numbers import measured
from compensation.models import PlanAssignment, PlanVersion, Position, VersionState
from compensation.selectors.addresses import assignment_path, plan_version_path, position_path
from compensation.services.pay_rules import last_of
from core.errors import Reason, Refused
from core.listing import Column

PRETITLE = "Pay"
PLANS, PLAN, VIEW = "pay.plans", "pay.plan", "pay.view"
TONES = {
    VersionState.DRAFT: "info",
    VersionState.SUBMITTED: "warn",
    VersionState.APPROVED: "good",
    VersionState.WITHDRAWN: "quiet",
}


def in_force_words(version: PlanVersion, today: dt.date | None = None) -> str:
    """Whether a version pays today, later or no more."""
    day = today or timezone.localdate()
    if version.state != VersionState.APPROVED:
        return str(version.get_state_display())
    if version.days is None:
        return "Replaced before it began"
    if version.days.lower > day:
        return "To come"
    return "In force" if version.days.upper is None or day < version.days.upper else "Over"


def version_tone(version: PlanVersion) -> str:
    if version.state == VersionState.APPROVED and in_force_words(version) != "In force":
        return "quiet" if in_force_words(version) != "To come" else "info"
    return TONES[VersionState(version.state)]


def first_day(row: Any) -> dt.date | None:
    return row.days.lower if row.days else None


def last_day(row: Any) -> dt.date | None:
    return last_of(row.days) if row.days else None


def terms_words(row: PlanAssignment) -> str:
    """What is otherwise than the role has it."""
    if row.is_off:
        return "Not on this plan"
    return "Own terms" if row.changes else ""


def when_tone(row: Any) -> str:
    day = timezone.localdate()
    holds = row.days.lower <= day and (row.days.upper is None or day < row.days.upper)
    return "good" if holds else "quiet"


def when_words(row: Any) -> str:
    day = timezone.localdate()
    if row.days.lower > day:
        return "To come"
    return "Today" if row.days.upper is None or day < row.days.upper else "Over"


def rep_pay_url(row: Any) -> str:
    """The page of what a rep is paid by; for rows without one, nowhere."""
    return reverse("compensation:rep-plans", args=[row.rep_id]) if row.rep_id else ""


def plan_currency(plan: Plan | None) -> str:
    """The plan's currency, the company's without one."""
    return plan.currency if plan is not None and plan.currency else base_currency()


FIRST = Column("first", "From", first_day, "date", order="days")
LAST = Column("last", "Up to and with", last_day, "date")
WHEN = Column("when", "Holds", when_words, "badge", tone=when_tone)
REP = Column("rep", "Rep", "rep.name", order="rep__name", link=rep_pay_url)
ROLE = Column("role", "Role", "role.name", order="role__name")
VERSIONS = [
    Column("number", "Version", lambda row: f"Version {row.number}"),
    Column("starts", "From month", kind="month"),
    Column("state", "State", in_force_words, "badge", tone=version_tone),
    Column("last", "Last day", last_day, "date"),
    Column("submitted_by", "Submitted by", "submitted_by.name"),
    Column("approved_by", "Approved by", "approved_by.name"),
]
PEOPLE = [
    Column("who", "Role or rep", lambda row: row.role.name if row.role else row.rep.name),
    Column("kind", "Is", lambda row: "Role" if row.role_id else "Rep"),
    FIRST,
    LAST,
    WHEN,
    Column("target_incentive", "Own target", kind="money"),
    Column("terms", "Otherwise", terms_words),
    Column("reason", "Why"),
]
COMPONENTS = [
    Column("name", "Component", lambda row: row[1].name),
    Column("form", "Form", lambda row: FORM_NAMES[row[1].form]),
    Column("measure", "Counts", lambda row: measured(row[1].measure).capitalize()),
    Column("pays", "Pays", lambda row: pay_words(*row)),
    Column("period", "Paid by", lambda row: str(row[1].period).capitalize()),
    Column("weight", "Part of target", lambda row: row[1].weight, "percent"),
]


def component_rows(plan: Plan) -> list[tuple[Plan, Component]]:
    """A row for each component, with its plan."""
    return [(plan, component) for component in plan.components]


def reasons_with_lines(request: HttpRequest, refusal: Refused) -> list[Reason]:
    """A refusal's reasons; those about the terms with the lines in which they stand in the text sent."""
    about = [one.text for one in refusal.reasons if one.field == "terms"]
    named = iter(with_lines(request.POST.get("terms", ""), about))
    return [
        Reason(next(named), one.code, one.field) if one.field == "terms" else one for one in refusal.reasons
    ]


def version_url(row: PlanVersion) -> str:
    return plan_version_path(row.pk)


def assignment_url(row: PlanAssignment) -> str:
    return assignment_path(row.pk)


def position_url(row: Position) -> str:
    return position_path(row.pk)
