"""What the database itself refuses about quotas: sums, plans that are not drafts, own approvals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.models import Person
from territories.models import Quota, QuotaMonth, QuotaPlan
from tests.territories.world import a_rep

pytestmark = pytest.mark.django_db(transaction=False)
JANUARY = dt.date(2027, 1, 1)


def a_plan(**values: object) -> QuotaPlan:
    values = {
        "name": "2027",
        "first_month": JANUARY,
        "from_month": JANUARY,
        "target": Decimal(100),
        "target_source": "hand",
        "target_reason": "Board",
    } | values
    return QuotaPlan.objects.create(**values)


def a_quota(plan: QuotaPlan, amount: int = 100) -> Quota:
    quota = Quota.objects.create(plan=plan, rep=a_rep("R1"), amount=amount)
    QuotaMonth.objects.create(quota=quota, month=JANUARY, amount=amount)
    return quota


def settle() -> None:
    """What the end of a transaction checks, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refuses(sql: str, *values: object, says: str) -> None:
    with pytest.raises(IntegrityError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_month_changed_alone_is_refused() -> None:
    quota = a_quota(a_plan())
    settle()
    refuses(
        "UPDATE territories_quotamonth SET amount = 99 WHERE quota_id = %s", quota.pk, says="add up to it"
    )


def test_a_quota_changed_alone_is_refused() -> None:
    quota = a_quota(a_plan())
    settle()
    refuses("UPDATE territories_quota SET amount = 101 WHERE id = %s", quota.pk, says="add up to it")


def test_a_month_deleted_alone_is_refused() -> None:
    quota = a_quota(a_plan())
    settle()
    refuses("DELETE FROM territories_quotamonth WHERE quota_id = %s", quota.pk, says="add up to it")


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_quotas_of_a_plan_that_is_no_draft_stay(state: str, manager: Person, vp: Person) -> None:
    plan = a_plan()
    quota = a_quota(plan)
    settle()
    QuotaPlan.objects.filter(pk=plan.pk).update(state="submitted", submitted_by=manager)
    if state == "approved":
        QuotaPlan.objects.filter(pk=plan.pk).update(state=state, approved_by=vp)
    refuses("UPDATE territories_quota SET amount = 101 WHERE id = %s", quota.pk, says="only while")
    refuses("UPDATE territories_quotamonth SET amount = 101 WHERE quota_id = %s", quota.pk, says="only while")
    refuses("DELETE FROM territories_quotamonth WHERE quota_id = %s", quota.pk, says="only while")
    refuses("UPDATE territories_quotaplan SET target = 5 WHERE id = %s", plan.pk, says="only as a draft")


def test_signatures_of_an_approved_plan_stay(manager: Person, vp: Person, analyst: Person) -> None:
    plan = a_plan()
    QuotaPlan.objects.filter(pk=plan.pk).update(state="submitted", submitted_by=manager)
    QuotaPlan.objects.filter(pk=plan.pk).update(state="approved", approved_by=vp)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        QuotaPlan.objects.filter(pk=plan.pk).update(approved_by=analyst)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        QuotaPlan.objects.filter(pk=plan.pk).delete()


def test_a_plan_is_not_approved_by_who_submitted_it(manager: Person) -> None:
    plan = a_plan()
    QuotaPlan.objects.filter(pk=plan.pk).update(state="submitted", submitted_by=manager)
    refuses(
        "UPDATE territories_quotaplan SET state = 'approved', approved_by_id = submitted_by_id WHERE id = %s",
        plan.pk,
        says="not_approved_by_its_submitter",
    )


def test_a_draft_does_not_become_approved_at_once() -> None:
    plan = a_plan()
    with pytest.raises(Exception, match="Invalid transition"), transaction.atomic():
        QuotaPlan.objects.filter(pk=plan.pk).update(state="approved")


def test_a_year_has_one_open_plan_a_measure() -> None:
    a_plan()
    with pytest.raises(IntegrityError, match="quota_plan_one_open"), transaction.atomic():
        a_plan(version=2)


def test_a_target_typed_by_hand_says_why() -> None:
    with pytest.raises(IntegrityError, match="typed_target_has_a_reason"), transaction.atomic():
        a_plan(target_reason="")
