"""Quotas that follow accounts: what moves with an account on a day goes from one rep's quota to another's."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from territories.engine.quotas.seasons import Months
from territories.models import Quota, QuotaMonth, QuotaPlan, QuotaState
from territories.pipeline.quota_rows import store_months
from territories.selectors.quota_carrying import AccountMove, Key, carried, key_of, plan_on
from territories.selectors.quotas import months_of_quotas, open_plan
from territories.services.quota_plans import copy_of, publish_sheets
from territories.workflow.quotas import perform

NOTHING = Decimal(0)


@transaction.atomic
def follow_assignments(
    *,
    moves: Iterable[AccountMove],
    day: dt.date,
    submitted_by: Person | None,
    approved_by: Person | None,
    reason: str,
) -> QuotaPlan | None:
    """Let the quotas follow a realignment that two people signed: a version of the plan that holds on the
    day, approved with it. An account takes its share of the territory's quota along, pro-rated by days.

    Gives the version, or None where no plan holds or nothing changes. Raises Refused while another version
    of the year is open, Denied where the second person may not approve realignments.
    """
    require(approved_by, "realignment.approve")
    plan = plan_on(day)
    if plan is None:
        return None
    found = carried(plan, moves, day)
    if found.before == found.after:
        return None
    if (other := open_plan(plan.first_month, plan.measure)) is not None:
        text = f"{other} is {other.get_state_display().lower()}. Approve or delete it first."
        raise Refused(Reason(text, "open_version"))
    version = copy_of(plan, actor=submitted_by, from_month=day.replace(day=1), reason=reason)
    _store(version, found.after, reason)
    _approve(plan, version, submitted_by, approved_by, reason)
    return version


@transaction.atomic
def take_back(*, version: QuotaPlan, actor: Person | None, reason: str) -> QuotaPlan:
    """Give everybody back what they had before a realignment that is undone: a version like the one before.

    Raises Refused where another version superseded it already.
    """
    require(actor, "realignment.publish")
    if version.state != QuotaState.APPROVED or version.follows is None:
        text = f"{version} is not in force any more: quotas were changed since. Make a new version by hand."
        raise Refused(Reason(text, "superseded"))
    before = version.follows
    restored = copy_of(version, actor=None, from_month=version.from_month, reason=reason)
    quotas = list(Quota.objects.filter(plan=before))
    months = months_of_quotas(quotas)
    _store(restored, {key_of(quota): months[quota.pk] for quota in quotas}, reason)
    _approve(version, restored, None, actor, reason)
    return restored


def _store(version: QuotaPlan, after: dict[Key, Months], reason: str) -> None:
    """The months of the version's quotas become these; those that moved say why."""
    there = {key_of(quota): quota for quota in Quota.objects.filter(plan=version)}
    for key in after.keys() - there.keys():
        there[key] = Quota.objects.create(plan=version, territory_id=key[0], rep_id=key[1])
    QuotaMonth.objects.filter(quota__plan=version).delete()
    for key, quota in there.items():
        amount = sum(after.get(key, {}).values(), NOTHING)
        if amount != quota.amount:
            quota.amount, quota.difference_reason = amount, reason[:500]
            quota.save(update_fields=["amount", "difference_reason"])
    store_months({quota: after.get(key, {}) for key, quota in there.items()})


def _approve(
    before: QuotaPlan,
    version: QuotaPlan,
    submitted_by: Person | None,
    approved_by: Person | None,
    reason: str,
) -> None:
    """The version is signed by those who signed what it follows from."""
    QuotaPlan.objects.filter(pk=version.pk).update(state=QuotaState.SUBMITTED, submitted_by=submitted_by)
    perform(plan=before, name="supersede", actor=None)
    QuotaPlan.objects.filter(pk=version.pk).update(state=QuotaState.APPROVED, approved_by=approved_by)
    version.refresh_from_db()
    record(actor=approved_by, verb="quotas follow accounts", subject=version, reason=reason)
    publish_sheets(version)
