"""Scores of objectives: how far a rep came, said by somebody else."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from compensation.models import ObjectiveScore, PayPlan
from compensation.selectors.plan_quotas import fault_of_score, plan_read_on
from compensation.services.pay_rules import may_set_pay_of, refuse_closed
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from crm.models import Rep


@transaction.atomic
def score(
    *,
    actor: Person | None,
    plan: PayPlan,
    rep: Rep,
    component: str,
    objective: str,
    month: dt.date,
    achieved: Decimal,
    note: str = "",
) -> ObjectiveScore:
    """How far a rep reached an objective in the period that ends with the month; 1 is 100 %.

    Raises Invalid by field, Refused where the month is locked, Denied for the own objectives.
    """
    may_set_pay_of(actor, rep)
    row = ObjectiveScore(
        plan=plan,
        rep=rep,
        component=component.strip(),
        objective=objective.strip(),
        month=month.replace(day=1),
        achieved=achieved,
        scored_by=actor,
        note=note.strip(),
    )
    refuse_misfit(row)
    refuse_closed(row.month, row.month)
    return create_row(actor=actor, row=row, verb="objective scored")


@transaction.atomic
def change_score(
    *, actor: Person | None, row: ObjectiveScore, revision: int, changes: dict[str, Any]
) -> ObjectiveScore:
    """Another score or note. Raises Conflict, Invalid, Refused for a locked month, Denied."""
    may_set_pay_of(actor, row.rep)
    wanted = {name: value for name, value in changes.items() if name in {"achieved", "note"}}
    if wanted.get("achieved", row.achieved) != row.achieved:
        refuse_closed(row.month, row.month)
        wanted["scored_by"] = actor
    return change_row(actor=actor, row=row, revision=revision, changes=wanted, verb="score changed")


@transaction.atomic
def remove_score(*, actor: Person | None, row: ObjectiveScore, revision: int, reason: str = "") -> None:
    """Take a score back. Raises Conflict, Refused for a locked month, Denied."""
    may_set_pay_of(actor, row.rep)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="score removed")
    refuse_closed(fresh.month, fresh.month)
    before = {"objective": fresh.objective, "month": fresh.month}
    record(actor=actor, verb="score removed", subject=fresh, before=before, reason=reason)
    fresh.delete()


def refuse_misfit(row: ObjectiveScore) -> None:
    """Raises Invalid where the plan has no such objective, or the month ends no period of it."""
    plan = plan_read_on(row.plan, row.month)
    if plan is None:
        text = "The plan has no terms that can be read. Write them first."
        raise Invalid(Reason(text, "no_terms", "plan"))
    if fault := fault_of_score(plan, row.component, row.objective, row.month):
        field = next((name for name in ("objective", "component") if f"{name} “" in fault), "month")
        raise Invalid(Reason(fault, "misfit", "component" if "scorecard" in fault else field))
