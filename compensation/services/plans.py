"""Plans, and the versions of their terms: made, written as drafts, moved to approval and back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import PayPlan, PlanVersion, VersionState
from compensation.selectors.addresses import plan_version_path
from compensation.selectors.closing import wait_for_closing
from compensation.selectors.plans import faults_of_terms, last_closed_month, newest_version, open_version
from compensation.workflow.versions import perform
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can
from core.services.notifications import notify

PLAN = "pay.plan"
NO_COMPONENTS = "components: a plan needs at least one."
APPROVERS = ["vp", "executive", "manager"]


@transaction.atomic
def add_plan(
    *,
    actor: Person | None,
    code: str,
    name: str,
    terms: Mapping[str, Any] | None = None,
    starts: dt.date | None = None,
    owner: Person | None = None,
    intro: str = "",
) -> PayPlan:
    """A new plan; with terms, its first version as a draft. Raises Invalid by field, Denied."""
    require(actor, PLAN)
    row = PayPlan(code=code, name=name, owner=owner or actor)
    plan = create_row(actor=actor, row=row, verb="pay plan added")
    if terms is not None:
        _draft(actor, plan, terms, starts, intro, None)
    return plan


@transaction.atomic
def change_plan(*, actor: Person | None, plan: PayPlan, revision: int, changes: dict[str, Any]) -> PayPlan:
    """Rename a plan, give it another owner, or say that it is no longer used.

    Raises Conflict on a stale revision, Invalid by field, Refused while people are on it, Denied.
    """
    require(actor, PLAN)
    wanted = {n: v for n, v in changes.items() if n in {"code", "name", "owner", "is_active"}}
    if wanted.get("is_active") is False and plan.is_active:
        _refuse_paying(plan)
    return change_row(actor=actor, row=plan, revision=revision, changes=wanted, verb="pay plan changed")


def _refuse_paying(plan: PayPlan) -> None:
    today = timezone.localdate()
    if plan.assignments.filter(is_off=False, days__overlap=DateRange(today, None)).exists():
        text = "People are on this plan today or later. End their days on it first."
        raise Refused(Reason(text, "in_use", "is_active"))


@transaction.atomic
def new_version(
    *,
    actor: Person | None,
    plan: PayPlan,
    starts: dt.date | None = None,
    terms: Mapping[str, Any] | None = None,
) -> PlanVersion:
    """A draft with the terms of the newest version (or others), from a month on: the next open one unless
    told. Raises Refused where the plan has an open version, Invalid for terms, Denied."""
    require(actor, PLAN)
    PayPlan.objects.select_for_update().get(pk=plan.pk)
    if (there := open_version(plan)) is not None:
        state = there.get_state_display().lower()
        text = f"{there} is {state}. Change that one, or delete it first."
        raise Refused(Reason(text, "open_version", url=plan_version_path(there.pk)))
    before = newest_version(plan)
    if terms is None and before is None:
        raise Refused(Reason("The plan has no terms yet. Write them, or begin with a template.", "no_terms"))
    said = before.terms if terms is None and before is not None else terms or {}
    return _draft(actor, plan, said, starts, before.intro if before else "", before)


@transaction.atomic
def change_version(
    *, actor: Person | None, version: PlanVersion, revision: int, changes: dict[str, Any]
) -> PlanVersion:
    """Change the terms, the intro or the first month of a draft.

    Raises Refused for others, Conflict on a stale revision, Invalid with every fault of the terms, Denied.
    """
    require(actor, PLAN)
    _refuse_fixed(version)
    wanted = {name: value for name, value in changes.items() if name in {"terms", "intro", "starts"}}
    if "terms" in wanted:
        check_terms(wanted["terms"])
    if wanted.get("starts"):
        wanted["starts"] = wanted["starts"].replace(day=1)
    return change_row(actor=actor, row=version, revision=revision, changes=wanted, verb="plan draft changed")


@transaction.atomic
def delete_draft(*, actor: Person | None, version: PlanVersion) -> None:
    """Throw a draft away. Raises Refused for others, Denied."""
    require(actor, PLAN)
    fresh = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    _refuse_fixed(fresh)
    record(actor=actor, verb="plan draft deleted", subject=fresh)
    fresh.delete()


@transaction.atomic
def move_version(
    *, actor: Person | None, version: PlanVersion, name: str, reason: str = "", revision: int | None = None
) -> PlanVersion:
    """Submit, take back, send back, approve or withdraw; tells those who decide, and those who asked.

    Raises Refused with every reason, Conflict on a stale revision, Denied.
    """
    wait_for_closing()
    asked_by = version.submitted_by
    moved = perform(version=version, name=name, actor=actor, reason=reason, revision=revision)
    url = plan_version_path(moved.pk)
    if name == "submit":
        people = Person.objects.filter(roles__overlap=APPROVERS, is_active=True)
        others = people.exclude(pk=moved.submitted_by_id or 0)
        notify(people=others, title=f"A pay plan waits for approval: {moved}", url=url)
    elif name in {"approve", "send_back"} and asked_by is not None and asked_by != actor:
        word = "is approved" if name == "approve" else "is sent back"
        notify(people=[asked_by], title=f"{moved} {word}", text=reason, url=url)
    return moved


def check_terms(terms: Any) -> None:
    """Raises Invalid with every fault of a draft's terms. A draft may still be without components."""
    if not isinstance(terms, Mapping):
        raise Invalid(Reason("Write the terms as names and values.", "invalid", "terms"))
    faults = [fault for fault in faults_of_terms(terms) if fault != NO_COMPONENTS]
    if faults:
        raise Invalid(*(Reason(fault, "unreadable", "terms") for fault in faults))


def first_open_month() -> dt.date:
    """The month with which a new version begins unless told: the next one that is not closed."""
    this = timezone.localdate().replace(day=1)
    closed = last_closed_month()
    return max(add_months(this, 1), add_months(closed, 1)) if closed else add_months(this, 1)


def _draft(
    actor: Person | None,
    plan: PayPlan,
    terms: Mapping[str, Any],
    starts: dt.date | None,
    intro: str,
    follows: PlanVersion | None,
) -> PlanVersion:
    check_terms(terms)
    last = PlanVersion.objects.filter(plan=plan).order_by("-number").first()
    row = PlanVersion(
        plan=plan,
        number=last.number + 1 if last else 1,
        follows=follows,
        starts=(starts or first_open_month()).replace(day=1),
        terms=dict(terms),
        intro=intro,
    )
    return create_row(actor=actor, row=row, verb="plan draft made")


def _refuse_fixed(version: PlanVersion) -> None:
    if version.state != VersionState.DRAFT:
        state = version.get_state_display().lower()
        text = f"{version} is {state}: it changes only as a draft. Take it back, or make a new version."
        raise Refused(Reason(text, "not_a_draft"))


def may_change(person: Person, version: PlanVersion) -> bool:
    """Whether a person may write this version now."""
    return version.state == VersionState.DRAFT and bool(can(person, PLAN))
