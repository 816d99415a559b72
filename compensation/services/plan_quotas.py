"""Quotas for pay that no quota plan gives: of a rep, for a plan or one of its components."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import transaction

from compensation.models import PayPlan, PlanQuota
from compensation.selectors.plan_quotas import end_of, fault_of_quota, last_day_of, overlapping, plan_read_on
from compensation.services.pay_rules import may_set_pay_of, refuse_closed
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from crm.models import Rep

CHANGED = frozenset({"amount", "reason"})


@transaction.atomic
def set_plan_quota(
    *,
    actor: Person | None,
    plan: PayPlan,
    rep: Rep,
    first_month: dt.date,
    months: int,
    amount: Decimal,
    component: str = "",
    reason: str = "",
) -> PlanQuota:
    """A quota in the plan's currency or units, for all components of the plan or one.

    Raises Invalid by field, Refused where a month of its time is locked, Denied for the own pay.
    """
    may_set_pay_of(actor, rep)
    row = PlanQuota(
        plan=plan,
        rep=rep,
        component=component.strip(),
        first_month=first_month.replace(day=1),
        months=months,
        amount=amount,
        reason=reason.strip(),
    )
    one_at_a_time([plan.pk])
    refuse_misfit(row)
    refuse_closed(row.first_month, last_day_of(row))
    return create_row(actor=actor, row=row, verb="quota for pay set", reason=row.reason)


@transaction.atomic
def change_plan_quota(
    *, actor: Person | None, row: PlanQuota, revision: int, changes: dict[str, Any]
) -> PlanQuota:
    """Another amount or reason. Raises Conflict, Invalid, Refused for locked months, Denied."""
    may_set_pay_of(actor, row.rep)
    wanted = {name: value for name, value in changes.items() if name in CHANGED}
    if wanted.get("amount", row.amount) != row.amount:
        refuse_closed(row.first_month, last_day_of(row))
    reason = wanted.get("reason", "")
    verb = "quota for pay changed"
    return change_row(actor=actor, row=row, revision=revision, changes=wanted, verb=verb, reason=reason)


@transaction.atomic
def remove_plan_quota(*, actor: Person | None, row: PlanQuota, revision: int, reason: str = "") -> None:
    """Take a quota for pay back. Raises Conflict, Refused for locked months, Denied."""
    may_set_pay_of(actor, row.rep)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="quota for pay removed")
    refuse_closed(fresh.first_month, last_day_of(fresh))
    before = {"amount": fresh.amount, "months": fresh.months, "component": fresh.component}
    record(actor=actor, verb="quota for pay removed", subject=fresh, before=before, reason=reason)
    fresh.delete()


def one_at_a_time(plans: Collection[int]) -> None:
    """Until the transaction ends, nobody else sets quotas or scores of these plans: two quotas of different
    length would both count for the same months."""
    list(PayPlan.objects.select_for_update(no_key=True).filter(pk__in=plans).order_by("pk"))


def refuse_misfit(row: PlanQuota) -> None:
    """Raises Invalid where a quota does not fit its plan, or another one holds its months."""
    if row.months not in {1, 3, 6, 12}:
        raise Invalid(Reason("A quota is for 1, 3, 6 or 12 months.", "invalid", "months"))
    plan = plan_read_on(row.plan, end_of(row.first_month, row.months))
    if plan is None:
        text = "The plan has no terms that can be read. Write them first."
        raise Invalid(Reason(text, "no_terms", "plan"))
    if fault := fault_of_quota(plan, row.component, row.first_month, row.months):
        raise Invalid(Reason(fault, "misfit", "component" if "component" in fault else "first_month"))
    if (other := overlapping(row)) is not None:
        text = (
            f"There is a quota of {other.months} months from {other.first_month:%B %Y} already, and both "
            "would count. Change or remove that one."
        )
        raise Invalid(Reason(text, "overlap", "first_month"))
