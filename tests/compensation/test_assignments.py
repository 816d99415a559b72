"""Who is on a plan: roles, reps with own terms, and reps who are off it."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import PayRun, PlanAssignment
from compensation.selectors.members import members
from compensation.services.assignments import change_assignment, put_on_plan, take_off_plan
from core.errors import Conflict, Denied, Invalid
from core.models import Event, Person
from tests.compensation.company import JANUARY, plan_of, rep_on, role, through

pytestmark = pytest.mark.django_db
DECEMBER = dt.date(2026, 12, 31)
FAR = dt.date(2090, 1, 1)


def own(actor: Person, **values: Any) -> PlanAssignment:
    """Ann, in the role that is on the plan, with something of her own."""
    version = plan_of()
    rep = rep_on(version, "ann")
    given = {"rep": rep, "first": JANUARY, "reason": "Promised when hired"}
    return put_on_plan(actor=actor, plan=version.plan, **(given | values))


def test_own_terms_win_over_those_of_the_role(analyst: Person) -> None:
    row = own(analyst, changes={"components": {"own": {"threshold": "50%"}}}, target_incentive=15_000)
    found = members(row.plan, JANUARY, DECEMBER)[row.rep_id or 0]
    assert [(span.target, span.changes) for span in found.spans] == [(15_000, row.changes)]
    event = Event.objects.get(verb="put on a plan")
    assert (event.actor, event.reason) == (analyst, "Promised when hired")


def test_somebody_off_the_plan_is_not_paid_by_it(analyst: Person) -> None:
    row = own(analyst, is_off=True)
    assert row.rep_id not in members(row.plan, JANUARY, DECEMBER)


@pytest.mark.parametrize("values", [{"is_off": True}, {"target_incentive": 1}, {"changes": {"places": 0}}])
def test_own_terms_need_a_reason(analyst: Person, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="Say why this rep has other terms"):
        own(analyst, reason=" ", **values)
    assert PlanAssignment.objects.filter(rep__isnull=False).count() == 0


def test_a_role_has_no_own_terms_and_a_row_is_of_one_of_both(analyst: Person) -> None:
    version = plan_of()
    rep = rep_on(version)
    with pytest.raises(Invalid, match="belong to a rep, not to a role"):
        put_on_plan(
            actor=analyst, plan=version.plan, role=role("x"), first=FAR, target_incentive=1, reason="x"
        )
    for pair in ({}, {"role": role("x"), "rep": rep}):
        with pytest.raises(Invalid, match="Choose either a role or a rep"):
            put_on_plan(actor=analyst, plan=version.plan, first=FAR, **pair)


def test_who_is_off_has_no_terms(analyst: Person) -> None:
    with pytest.raises(Invalid, match="has no terms of it"):
        own(analyst, is_off=True, target_incentive=1)


def test_own_terms_must_read_with_every_version_that_they_meet(analyst: Person) -> None:
    with pytest.raises(Invalid, match="the plan has no such component"):
        own(analyst, changes={"components": {"gone": {"rate": "1%"}}})
    row = own_of_existing(analyst)
    with pytest.raises(Invalid, match="trget_incentive: this is unknown"):
        change_assignment(actor=analyst, row=row, revision=1, changes={"changes": {"trget_incentive": 5}})


def own_of_existing(actor: Person) -> PlanAssignment:
    version = PlanAssignment.objects.select_related("plan").get().plan.versions.get()
    rep = rep_on(None, "bob")
    return put_on_plan(
        actor=actor,
        plan=version.plan,
        rep=rep,
        first=JANUARY,
        changes={"target_incentive": 1},
        reason="Promised",
    )


def test_two_rows_for_the_same_days_are_refused(analyst: Person) -> None:
    row = own(analyst)
    with pytest.raises(Invalid, match="is on the plan on some of these days already"):
        put_on_plan(actor=analyst, plan=row.plan, rep=row.rep, first=FAR)


def test_nobody_changes_the_own_terms(analyst: Person) -> None:
    version = plan_of()
    rep = rep_on(version, "ada", person=analyst)
    analyst.refresh_from_db()
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        put_on_plan(actor=analyst, plan=version.plan, rep=rep, first=FAR)
    row = PlanAssignment.objects.create(plan=version.plan, rep=rep, days=DateRange(FAR, None))
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        change_assignment(actor=analyst, row=row, revision=1, changes={"last": DECEMBER})
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        take_off_plan(actor=analyst, row=row, revision=1)


def test_only_those_with_the_right_put_people_on_plans(vp: Person, sales_manager: Person) -> None:
    version = plan_of()
    for person in (vp, sales_manager):
        with pytest.raises(Denied):
            put_on_plan(actor=person, plan=version.plan, role=role("x"), first=FAR)


def test_a_change_of_locked_months_needs_a_reason_and_the_end_of_open_ones_none(analyst: Person) -> None:
    version = plan_of()
    through(PayRun.objects.create(month=dt.date(2026, 3, 1), version=1), "locked")
    row = PlanAssignment.objects.select_related("plan", "role", "rep").get(plan=version.plan)
    with pytest.raises(Invalid, match="Say why: March 2026 is locked"):
        change_assignment(actor=analyst, row=row, revision=1, changes={"last": dt.date(2026, 3, 15)})
    ended = change_assignment(actor=analyst, row=row, revision=1, changes={"last": DECEMBER})
    assert ended.days == DateRange(JANUARY, dt.date(2027, 1, 1))


def test_days_that_have_begun_are_ended_and_others_taken_back(analyst: Person) -> None:
    row = own(analyst)
    with pytest.raises(Invalid, match="End them with a last day instead"):
        take_off_plan(actor=analyst, row=row, revision=1)
    late = put_on_plan(actor=analyst, plan=row.plan, role=role("late"), first=FAR)
    take_off_plan(actor=analyst, row=late, revision=1)
    assert not PlanAssignment.objects.filter(pk=late.pk).exists()


def test_a_stale_change_is_refused(analyst: Person) -> None:
    row = own(analyst)
    change_assignment(actor=analyst, row=row, revision=1, changes={"last": DECEMBER})
    with pytest.raises(Conflict):
        change_assignment(actor=analyst, row=row, revision=1, changes={"last": dt.date(2026, 11, 30)})
