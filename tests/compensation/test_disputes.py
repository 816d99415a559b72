"""Disputes: raised on the own statement, answered in time, decided by somebody else, paid by adjustment."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.models import Adjustment, Dispute, PayLine, PlanVersion, Statement
from compensation.pipeline.dispute_warnings import warn_of_late
from compensation.selectors.dispute_figures import dispute_report
from compensation.selectors.disputes import disputes_visible_to
from compensation.services.disputes import (
    decide_dispute,
    due_for,
    give_dispute,
    raise_dispute,
    withdraw_dispute,
)
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from core.selectors.events import events_visible_to
from core.services.comments import write_comment
from core.services.company import change_setting
from crm.models import Rep
from tests.compensation.company import FLAT, credit, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)
PAGE = "/pay/disputes/"
API = "/api/v1/disputes/"
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
Pinned = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def version(manager: Person) -> PlanVersion:
    made = plan_of(FLAT)
    made.plan.owner = manager
    made.plan.save()
    return made


@pytest.fixture
def paid(version: PlanVersion, sales_rep: Person) -> PayLine:
    """Ann, who is sales_rep, was paid 50 for a deal of 1,000 in March."""
    ann = rep_on(version, "ann", person=sales_rep)
    run_of(MARCH, {ann: [line(credit(ann, 1000, MARCH))]}, version)
    return PayLine.objects.get()


def raised(paid: PayLine, **values: Any) -> Dispute:
    person = paid.statement.rep.person
    given = {"about": "amount", "text": "The deal was 3,000.", "expected": Decimal(150), "line": paid}
    made = raise_dispute(actor=person, statement=paid.statement, **(given | values))
    return disputes_visible_to(None).get(pk=made.pk)


def test_a_line_is_disputed_and_its_plans_owner_is_told(paid: PayLine, manager: Person) -> None:
    dispute = raised(paid)
    assert (dispute.owner, dispute.deal, dispute.worth) == (manager, paid.deal, 100)  # type: ignore[attr-defined]
    told = Notification.objects.get(person=manager)
    assert "disputes pay of March 2026" in told.title
    assert "3,000" not in told.title + told.text


def test_the_owner_is_a_manager_where_the_plans_owner_may_not_decide(
    paid: PayLine, version: PlanVersion, manager: Person, coordinator: Person
) -> None:
    version.plan.owner = coordinator
    version.plan.save()
    assert raised(paid).owner == manager


def test_a_setting_gives_disputes_to_managers(
    paid: PayLine, version: PlanVersion, vp: Person, manager: Person
) -> None:
    version.plan.owner = vp
    version.plan.save()
    assert raised(paid, line=None).owner == vp
    change_setting(actor=None, key="dispute_owner", value="manager")
    assert raised(paid).owner == manager


def test_it_is_due_in_working_hours(paid: PayLine) -> None:
    friday = dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    assert due_for(paid.statement.rep, friday) == dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)


def test_only_the_own_statement_of_an_approved_month_is_disputed(
    paid: PayLine, version: PlanVersion, sales_rep: Person, sales_manager: Person, analyst: Person
) -> None:
    for other in (sales_manager, analyst):
        with pytest.raises(Denied):
            raise_dispute(actor=other, statement=paid.statement, about="amount", text="No")
    ann = paid.statement.rep
    run = run_of(dt.date(2026, 4, 1), {ann: [line(None, 10)]}, version, state="reviewed")
    with pytest.raises(Denied, match="approved month"):
        raise_dispute(actor=sales_rep, statement=run.statements.get(), about="amount", text="No")


def test_a_line_of_another_statement_is_refused(paid: PayLine, version: PlanVersion) -> None:
    ann = paid.statement.rep
    april = run_of(dt.date(2026, 4, 1), {ann: [line(None, 10)]}, version)
    with pytest.raises(Invalid, match="not on this statement"):
        raised(paid, line=PayLine.objects.get(statement__run=april))


def test_a_line_has_one_open_dispute(paid: PayLine) -> None:
    raised(paid)
    with pytest.raises(Invalid, match="disputed already"):
        raised(paid)


def test_agreeing_proposes_an_adjustment_that_somebody_else_approves(paid: PayLine, manager: Person) -> None:
    dispute = raised(paid)
    saved = decide_dispute(
        actor=manager, dispute=dispute, accept=True, reason="Right", revision=1, amount=Decimal(100)
    )
    adjustment = Adjustment.objects.get()
    assert saved.adjustment == adjustment
    assert (adjustment.state, adjustment.amount, adjustment.made_by) == ("proposed", 100, manager)
    assert adjustment.month == dt.date(2026, 4, 1)  # March is approved
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.filter(pk=adjustment.pk).update(state="approved", decided_by=manager)


def test_an_approved_month_takes_no_adjustment(paid: PayLine, manager: Person) -> None:
    dispute = raised(paid)
    with pytest.raises(Invalid, match="April 2026 or later"):
        decide_dispute(
            actor=manager,
            dispute=dispute,
            accept=True,
            reason="Right",
            revision=1,
            amount=Decimal(100),
            month=MARCH,
        )
    assert not Adjustment.objects.exists()


def test_disagreeing_needs_a_reason_and_takes_no_amount(paid: PayLine, manager: Person) -> None:
    dispute = raised(paid)
    with pytest.raises(Refused, match="Say why"):
        decide_dispute(actor=manager, dispute=dispute, accept=False, reason=" ", revision=1)
    with pytest.raises(Invalid, match="only when you agree"):
        decide_dispute(
            actor=manager, dispute=dispute, accept=False, reason="No", revision=1, amount=Decimal(1)
        )
    saved = decide_dispute(actor=manager, dispute=dispute, accept=False, reason="It was 1,000", revision=1)
    assert (saved.state, saved.decided_by, saved.decision) == ("rejected", manager, "It was 1,000")
    assert Notification.objects.filter(person=dispute.raised_by, title__contains="not agreed to").exists()


def test_nobody_decides_about_the_own_pay(version: PlanVersion, manager: Person, vp: Person) -> None:
    manager.roles = ["manager", "sales_rep"]
    manager.save()
    max_rep = rep_on(version, "max", person=manager)
    run_of(MARCH, {max_rep: [line(credit(max_rep, 1000, MARCH))]}, version)
    dispute = raised(PayLine.objects.get())
    assert dispute.owner != manager
    with pytest.raises(Refused, match="your own pay"):
        decide_dispute(actor=manager, dispute=dispute, accept=True, reason="Mine", revision=1)
    with pytest.raises(Invalid, match="own pay"):
        give_dispute(actor=vp, dispute=dispute, owner=manager, revision=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(
            state="accepted", decided_by=manager, decided=timezone.now(), decision="Mine"
        )


def test_reps_do_not_decide(paid: PayLine, sales_manager: Person) -> None:
    dispute = raised(paid)
    with pytest.raises(Denied):
        decide_dispute(actor=sales_manager, dispute=dispute, accept=True, reason="Yes", revision=1)
    with pytest.raises(Denied):
        give_dispute(actor=sales_manager, dispute=dispute, owner=sales_manager, revision=1)


def test_a_decided_dispute_stays(paid: PayLine, manager: Person, vp: Person, sales_rep: Person) -> None:
    dispute = raised(paid)
    decide_dispute(actor=manager, dispute=dispute, accept=False, reason="No", revision=1)
    with pytest.raises(Refused, match="decided already"):
        decide_dispute(actor=vp, dispute=dispute, accept=True, reason="Yes", revision=2)
    with pytest.raises(Refused, match="decided already"):
        withdraw_dispute(actor=sales_rep, dispute=dispute, revision=2)
    with pytest.raises(Refused, match="decided already"):
        give_dispute(actor=vp, dispute=Dispute.objects.get(), owner=vp, revision=2)


def test_a_stale_decision_is_a_conflict(paid: PayLine, manager: Person, vp: Person) -> None:
    dispute = raised(paid)
    give_dispute(actor=manager, dispute=dispute, owner=vp, revision=1)
    assert Notification.objects.filter(person=vp, title__contains="yours to answer").exists()
    with pytest.raises(Conflict):
        decide_dispute(actor=manager, dispute=dispute, accept=False, reason="No", revision=1)


def test_it_is_given_only_to_who_may_decide(paid: PayLine, manager: Person, coordinator: Person) -> None:
    with pytest.raises(Invalid, match="may not decide"):
        give_dispute(actor=manager, dispute=raised(paid), owner=coordinator, revision=1)


def test_only_who_raised_it_withdraws_it(paid: PayLine, sales_rep: Person, sales_manager: Person) -> None:
    dispute = raised(paid)
    with pytest.raises(Refused, match="Only who raised"):
        withdraw_dispute(actor=sales_manager, dispute=dispute, revision=1)
    assert withdraw_dispute(actor=sales_rep, dispute=dispute, revision=1).state == "withdrawn"
    assert raised(paid).pk != dispute.pk  # it may be raised again


def test_the_first_comment_of_who_decides_is_the_answer(
    paid: PayLine, sales_rep: Person, manager: Person
) -> None:
    dispute = raised(paid)
    Notification.objects.all().delete()

    def say(person: Person) -> None:
        write_comment(
            actor=person, subject_type="compensation.dispute", subject_id=str(dispute.pk), text="Hm"
        )
        dispute.refresh_from_db()

    say(sales_rep)
    assert dispute.first_answer is None
    assert [row.person for row in Notification.objects.all()] == [manager]
    say(manager)
    assert dispute.first_answer is not None
    assert dispute.revision == 1  # a decision written beside the thread is not stale
    assert Event.objects.filter(verb="dispute answered", actor=manager).exists()
    assert Notification.objects.filter(person=sales_rep, title__startswith="Max Manager wrote").exists()


def test_a_late_dispute_is_told_once(paid: PayLine, manager: Person) -> None:
    dispute = raised(paid)
    assert warn_of_late() == 0
    Dispute.objects.update(due=timezone.now() - dt.timedelta(minutes=1))
    Notification.objects.all().delete()
    assert warn_of_late() == 1
    assert warn_of_late() == 0
    assert Notification.objects.filter(person=manager, title__contains="waits too long").count() == 1
    assert Event.objects.filter(verb="dispute is late", subject_id=str(dispute.pk)).count() == 1
    assert disputes_visible_to(None).get().late  # type: ignore[attr-defined]


def test_the_log_tells_those_who_see_all_pay_only(paid: PayLine, manager: Person, advisor: Person) -> None:
    decide_dispute(
        actor=manager, dispute=raised(paid), accept=True, reason="Yes", revision=1, amount=Decimal(77)
    )
    about = ["compensation.dispute", "compensation.adjustment"]
    assert events_visible_to(manager).filter(subject_type__in=about).count() == 3
    assert not events_visible_to(advisor).filter(subject_type__in=about).exists()


# --- who sees what --------------------------------------------------------------------------------


def other_rep(version: PlanVersion, person: Person | None = None) -> Rep:
    return rep_on(version, "bob", person=person)


def test_a_rep_sees_only_the_own_disputes(
    paid: PayLine,
    version: PlanVersion,
    sales_rep: Person,
    sales_manager: Person,
    signed_in: SignedIn,
    api: Api,
) -> None:
    dispute = raised(paid)
    other_rep(version, sales_manager)  # a manager of nobody
    assert list(disputes_visible_to(sales_rep)) == [dispute]
    assert not disputes_visible_to(sales_manager).exists()
    stranger = signed_in(sales_manager)
    assert stranger.get(f"{PAGE}{dispute.pk}/").status_code == 404
    assert "The deal was" not in stranger.get(f"{PAGE}?export=csv").getvalue().decode()
    assert api(sales_manager).get(f"{API}{dispute.pk}/").status_code == 404
    assert api(sales_manager).get(API).json()["count"] == 0
    sent = {"reason": "x", "revision": 1}
    assert stranger.post(f"{PAGE}{dispute.pk}/withdraw/", sent).status_code == 404
    Rep.objects.filter(pk=paid.statement.rep_id).update(manager=sales_manager.rep)
    assert list(disputes_visible_to(sales_manager)) == [dispute]


def test_the_whole_way_on_pages(
    paid: PayLine, sales_rep: Person, manager: Person, signed_in: SignedIn
) -> None:
    rep, boss = signed_in(sales_rep), signed_in(manager)
    assert "No disputes" in rep.get(PAGE).text
    form = rep.get(f"{PAGE}add/?line={paid.pk}")
    assert "Own bookings" in form.text
    sent = {"statement": paid.statement_id, "line": paid.pk, "about": "amount", "expected": "150"}
    answer = rep.post(f"{PAGE}add/", sent | {"text": ""})
    assert answer.status_code == 400
    page = rep.post(f"{PAGE}add/", sent | {"text": "It was 3,000"}, follow=True)
    assert "It was 3,000" in page.text
    assert "Withdraw the dispute" in page.text
    assert "Decide" not in page.text
    one = f"{PAGE}{Dispute.objects.get().pk}/"
    assert "100.00" in boss.get(PAGE).text
    assert "Pay this adjustment" in boss.get(one).text
    refused = boss.post(f"{one}decide/", {"accept": "no", "reason": "", "revision": 1})
    assert (refused.status_code, "This field is required" in refused.text) == (400, True)
    done = {"accept": "yes", "reason": "You are right", "amount": "100", "revision": 1}
    assert "is proposed" not in boss.post(f"{one}decide/", done, follow=True).text
    shown = rep.get(one).text
    assert "You are right" in shown
    assert "Adjustment of 100.00 EUR" in shown


def test_a_missing_deal_is_named_from_the_own_deals(
    paid: PayLine, version: PlanVersion, sales_rep: Person, signed_in: SignedIn
) -> None:
    foreign = credit(other_rep(version), 5000, MARCH).deal
    rep = signed_in(sales_rep)
    sent = {"statement": paid.statement_id, "about": "missing", "text": "One is missing"}
    assert rep.post(f"{PAGE}add/", sent | {"deal": foreign.pk}).status_code == 400
    assert rep.post(f"{PAGE}add/", sent | {"deal": paid.deal_id}).status_code == 302


def test_the_list_begins_with_what_is_late_and_worth_most(
    paid: PayLine, manager: Person, signed_in: SignedIn, pinned_queries: Pinned
) -> None:
    small, large, late = (
        raised(paid, line=None, expected=Decimal(amount), text=f"Case {amount}") for amount in (10, 900, 5)
    )
    Dispute.objects.filter(pk=late.pk).update(due=timezone.now() - dt.timedelta(hours=1))
    client = signed_in(manager)
    with pinned_queries():
        page = client.get(PAGE)
    keys = [row.pk for row in page.context["page"].object_list]
    assert keys == [late.pk, large.pk, small.pk]
    assert "Late" in page.text


def test_disputes_by_api(paid: PayLine, sales_rep: Person, manager: Person, vp: Person, api: Api) -> None:
    rep, boss = api(sales_rep), api(manager)
    sent = {"statement": paid.statement_id, "line": paid.pk, "about": "amount", "text": "Too little"}
    made = rep.post(API, sent, format="json")
    assert (made.status_code, made.json()["worth"]) == (201, "50.0000")
    again = rep.post(API, sent, format="json")
    assert again.status_code == 400
    one = f"{API}{made.json()['id']}/"
    assert rep.post(f"{one}decide/", {"accept": True, "reason": "x", "revision": 1}).status_code == 403
    given = boss.post(f"{one}give/", {"owner": vp.email, "revision": 1}, format="json")
    assert given.json()["owner"] == vp.email
    decided = boss.post(
        f"{one}decide/", {"accept": True, "reason": "Yes", "amount": "5", "revision": 2}, format="json"
    )
    assert (decided.json()["state"], decided.json()["adjustment"]) == (
        "accepted",
        Adjustment.objects.get().pk,
    )
    assert rep.post(f"{one}withdraw/", {"revision": 3}, format="json").status_code == 409


def test_what_disputes_tell(
    paid: PayLine, version: PlanVersion, manager: Person, signed_in: SignedIn, api: Api, sales_rep: Person
) -> None:
    agreed, refused = (raised(paid, line=None, expected=Decimal(40), text=str(n)) for n in range(2))
    raised(paid)
    decide_dispute(actor=manager, dispute=agreed, accept=True, reason="Yes", revision=1, amount=Decimal(40))
    decide_dispute(actor=manager, dispute=refused, accept=False, reason="No", revision=1)
    monday = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    for row, hours in ((agreed, 2), (refused, 4)):
        Dispute.objects.filter(pk=row.pk).update(
            raised=monday,
            decided=monday + dt.timedelta(hours=hours),
            due=monday,
            first_answer=monday + dt.timedelta(hours=1),
        )
    report = dispute_report(manager, MARCH, timezone.localdate().replace(day=1))
    total = report.total
    assert (total.count, total.open, total.agreed_share, total.hours, total.late) == (3, 1, 0.5, 3.0, 2)
    assert (total.worth, total.adjusted) == ({"EUR": Decimal(180)}, {"EUR": Decimal(40)})
    assert [one.label for one in report.by_plan] == [version.plan.name]
    page = signed_in(manager).get(f"{PAGE}figures/?first=2026-03")
    assert "What disputes tell" in page.text
    assert api(manager).get("/api/v1/dispute-figures/?first=2026-03-01").json()["total"]["count"] == 3
    assert api(manager).get("/api/v1/dispute-figures/?first=2026-05-01&last=2026-03-01").status_code == 400
    assert signed_in(sales_rep).get(f"{PAGE}figures/").status_code == 403


def test_statements_of_others_cannot_be_disputed_by_page(
    paid: PayLine, version: PlanVersion, sales_manager: Person, signed_in: SignedIn
) -> None:
    other_rep(version, sales_manager)
    client = signed_in(sales_manager)
    assert client.get(f"{PAGE}add/?line={paid.pk}").status_code == 404
    sent = {"statement": Statement.objects.get().pk, "about": "amount", "text": "x"}
    assert client.post(f"{PAGE}add/", sent).status_code == 400
    assert not Dispute.objects.exists()
