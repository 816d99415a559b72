"""A plan's versions: written as drafts, approved by somebody else, in force month by month."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import PayPlan, PayRun, PlanAssignment, PlanVersion, VersionState
from compensation.services.plans import (
    add_plan,
    change_plan,
    change_version,
    delete_draft,
    move_version,
    new_version,
)
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from tests.compensation.company import FLAT, JANUARY, TERMS, euro, plan_of, rep_on, role, through

pytestmark = pytest.mark.django_db
JULY = dt.date(2026, 7, 1)


def soon(months: int = 1) -> dt.date:
    return add_months(timezone.localdate().replace(day=1), months)


def a_draft(actor: Person, **values: Any) -> PlanVersion:
    """A draft of a new plan that somebody is on from 2026 on."""
    euro()
    plan = add_plan(actor=actor, code="new", name="New plan", terms=TERMS, **({"starts": soon()} | values))
    PlanAssignment.objects.create(plan=plan, role=role("new"), days=DateRange(JANUARY, None))
    version = PlanVersion.objects.select_related("plan").get(plan=plan)
    rep_on(version, "nia")
    return version


def approved(actor: Person, approver: Person, version: PlanVersion) -> PlanVersion:
    waiting = move_version(actor=actor, version=version, name="submit")
    return move_version(actor=approver, version=waiting, name="approve")


def closed(month: dt.date) -> PayRun:
    return through(PayRun.objects.create(month=month, version=1), "locked")


def text_of(refusal: Any) -> str:
    return str(refusal.value)


def test_a_version_goes_from_draft_to_force_by_two_people(analyst: Person, vp: Person) -> None:
    version = a_draft(analyst)
    done = approved(analyst, vp, version)
    assert (done.state, done.days) == ("approved", DateRange(soon(), None))
    assert (done.submitted_by, done.approved_by) == (analyst, vp)
    verbs = Event.objects.filter(subject_type="compensation.planversion").values_list("verb", flat=True)
    assert {"plan draft made", "plan: submit for approval", "plan: approve"} <= set(verbs)


def test_approvers_are_told_of_a_submission_and_the_submitter_of_the_approval(
    analyst: Person, vp: Person
) -> None:
    approved(analyst, vp, a_draft(analyst))
    told = dict(Notification.objects.values_list("person__email", "title"))
    assert "waits for approval" in told[vp.email]
    assert "is approved" in told[analyst.email]


def test_nobody_approves_what_they_submitted(manager: Person) -> None:
    waiting = move_version(actor=manager, version=a_draft(manager), name="submit")
    with pytest.raises(Refused, match="You submitted this plan yourself"):
        move_version(actor=manager, version=waiting, name="approve")


def test_nobody_approves_a_plan_that_pays_them(analyst: Person, vp: Person) -> None:
    version = a_draft(analyst)
    rep_on(version, "vip", person=vp)
    waiting = move_version(actor=analyst, version=version, name="submit")
    with pytest.raises(Refused, match="You are paid by this plan yourself"):
        move_version(actor=vp, version=waiting, name="approve")


def test_only_those_with_the_right_write_and_approve(
    sales_manager: Person, coordinator: Person, analyst: Person, colleague: Person
) -> None:
    for person in (sales_manager, coordinator):
        with pytest.raises(Denied):
            add_plan(actor=person, code="x", name="X", terms=TERMS)
    waiting = move_version(actor=analyst, version=a_draft(analyst), name="submit")
    with pytest.raises(Denied):
        move_version(actor=colleague, version=waiting, name="approve")


def test_a_plan_without_people_is_not_submitted(analyst: Person) -> None:
    euro()
    plan = add_plan(actor=analyst, code="lonely", name="Lonely", terms=TERMS, starts=soon())
    PlanAssignment.objects.create(plan=plan, role=role("nobody"), days=DateRange(JANUARY, None))
    with pytest.raises(Refused, match="Nobody is on this plan"):
        move_version(actor=analyst, version=plan.versions.get(), name="submit")


def test_a_version_begins_in_an_open_month_also_when_it_is_approved(analyst: Person, vp: Person) -> None:
    version = a_draft(analyst)
    waiting = move_version(actor=analyst, version=version, name="submit")
    closed(soon())
    with pytest.raises(Refused, match=r"is locked\. Begin in"):
        move_version(actor=vp, version=waiting, name="approve")
    back = move_version(actor=vp, version=waiting, name="send_back", reason="Begin later")
    with pytest.raises(Refused, match=r"is locked\. Begin in"):
        move_version(actor=analyst, version=back, name="submit")


def test_terms_that_do_not_read_are_not_submitted(analyst: Person) -> None:
    version = a_draft(analyst)
    bad = {**TERMS, "components": [{**TERMS["components"][0], "measure": {"of": "smiles"}}]}
    PlanVersion.objects.filter(pk=version.pk).update(terms=bad)
    with pytest.raises(Refused, match="“smiles” is not counted"):
        move_version(actor=analyst, version=version, name="submit")


def test_own_terms_must_read_with_the_new_version(analyst: Person) -> None:
    version = a_draft(analyst)
    rep = rep_on(None, "odd")
    PlanAssignment.objects.create(
        plan=version.plan,
        rep=rep,
        days=DateRange(JANUARY, None),
        changes={"components": {"gone": {"rate": "1%"}}},
        reason="Promised",
    )
    with pytest.raises(Refused, match=r"The own terms of .*the plan has no such component"):
        move_version(actor=analyst, version=version, name="submit")


def test_a_new_version_copies_the_newest_and_only_one_is_open(analyst: Person) -> None:
    version = plan_of()
    draft = new_version(actor=analyst, plan=version.plan)
    assert (draft.number, draft.terms, draft.follows) == (2, version.terms, version)
    with pytest.raises(Refused, match="Change that one, or delete it first"):
        new_version(actor=analyst, plan=version.plan)
    delete_draft(actor=analyst, version=draft)
    assert new_version(actor=analyst, plan=version.plan, starts=soon(3)).starts == soon(3)


def test_approval_cuts_the_version_before_and_is_bounded_by_the_next(analyst: Person, vp: Person) -> None:
    first = plan_of()
    rep_on(first)
    late = approved(analyst, vp, new_version(actor=analyst, plan=first.plan, starts=soon(6)))
    early = approved(analyst, vp, new_version(actor=analyst, plan=first.plan, starts=soon(2)))
    first.refresh_from_db()
    late.refresh_from_db()
    assert first.days == DateRange(JANUARY, soon(2))
    assert early.days == DateRange(soon(2), soon(6))
    assert late.days == DateRange(soon(6), None)


def test_withdrawing_before_it_begins_gives_the_days_back(analyst: Person, vp: Person) -> None:
    first = plan_of()
    rep_on(first)
    second = approved(analyst, vp, new_version(actor=analyst, plan=first.plan, starts=soon(2)))
    with pytest.raises(Refused, match="Say why"):
        move_version(actor=vp, version=second, name="withdraw")
    gone = move_version(actor=vp, version=second, name="withdraw", reason="Budget cut")
    first.refresh_from_db()
    assert (gone.state, gone.days, first.days) == ("withdrawn", None, DateRange(JANUARY, None))


def test_a_version_of_the_same_month_replaces_the_other_and_withdrawing_brings_it_back(
    analyst: Person, vp: Person
) -> None:
    first = plan_of()
    rep_on(first)
    second = approved(analyst, vp, new_version(actor=analyst, plan=first.plan, starts=soon(2)))
    third = approved(analyst, vp, new_version(actor=analyst, plan=first.plan, starts=soon(2)))
    second.refresh_from_db()
    assert (second.days, third.days) == (None, DateRange(soon(2), None))
    move_version(actor=vp, version=third, name="withdraw", reason="Typing error")
    second.refresh_from_db()
    assert second.days == DateRange(soon(2), None)


def test_what_has_begun_is_not_withdrawn(vp: Person) -> None:
    with pytest.raises(Refused, match="It is in force since January 2026"):
        move_version(actor=vp, version=plan_of(), name="withdraw", reason="Too late")


def test_only_drafts_change_and_are_deleted(analyst: Person) -> None:
    version = plan_of()
    with pytest.raises(Refused, match="it changes only as a draft"):
        change_version(actor=analyst, version=version, revision=1, changes={"intro": "Hello"})
    with pytest.raises(Refused, match="it changes only as a draft"):
        delete_draft(actor=analyst, version=version)


def test_faults_of_terms_are_all_named_and_nothing_changes(analyst: Person) -> None:
    version = a_draft(analyst)
    bad = {**FLAT, "currency": "XXX", "clawback": {"by_months_left": True}}
    with pytest.raises(Invalid, match=r"clawback\.window"):
        change_version(actor=analyst, version=version, revision=version.revision, changes={"terms": bad})
    with pytest.raises(Invalid, match="XXX is not among"):
        change_version(
            actor=analyst,
            version=version,
            revision=version.revision,
            changes={"terms": {**FLAT, "currency": "XXX"}},
        )
    version.refresh_from_db()
    assert version.terms == TERMS


def test_a_draft_may_still_be_without_components_but_is_not_submitted(analyst: Person) -> None:
    version = a_draft(analyst)
    saved = change_version(
        actor=analyst,
        version=version,
        revision=version.revision,
        changes={"terms": {"plan": "Empty", "currency": "EUR", "components": []}},
    )
    with pytest.raises(Refused, match="a plan needs at least one"):
        move_version(actor=analyst, version=saved, name="submit")


def test_a_stale_draft_is_refused_with_both_values(analyst: Person, colleague: Person) -> None:
    version = a_draft(analyst)
    change_version(actor=colleague, version=version, revision=version.revision, changes={"intro": "Theirs"})
    with pytest.raises(Conflict) as refusal:
        change_version(actor=analyst, version=version, revision=version.revision, changes={"intro": "Mine"})
    assert (refusal.value.yours, refusal.value.theirs) == ({"intro": "Mine"}, {"intro": "Theirs"})


def test_a_stale_move_is_refused(analyst: Person) -> None:
    version = a_draft(analyst)
    with pytest.raises(Conflict):
        move_version(actor=analyst, version=version, name="submit", revision=version.revision + 1)


def test_taking_back_and_sending_back_need_a_reason_and_forget_who_submitted(
    analyst: Person, vp: Person
) -> None:
    waiting = move_version(actor=analyst, version=a_draft(analyst), name="submit")
    with pytest.raises(Refused, match="Say why"):
        move_version(actor=analyst, version=waiting, name="take_back")
    draft = move_version(actor=analyst, version=waiting, name="take_back", reason="A wrong rate")
    assert (draft.state, draft.submitted_by) == (VersionState.DRAFT, None)
    waiting = move_version(actor=analyst, version=draft, name="submit")
    assert move_version(actor=vp, version=waiting, name="send_back", reason="No cap").state == "draft"


def test_a_plan_with_people_stays_in_use(analyst: Person) -> None:
    version = plan_of()
    plan = PayPlan.objects.get(pk=version.plan_id)
    with pytest.raises(Refused, match="People are on this plan"):
        change_plan(actor=analyst, plan=plan, revision=plan.revision, changes={"is_active": False})
    PlanAssignment.objects.filter(plan=plan).update(days=DateRange(JANUARY, JULY))
    assert not change_plan(
        actor=analyst, plan=plan, revision=plan.revision, changes={"is_active": False}
    ).is_active
