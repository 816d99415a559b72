"""Quotas that follow accounts: what moves with an account on a day goes from one rep's quota to another's."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from territories.engine.quotas.seasons import Months
from territories.models import Quota, QuotaMonth, QuotaPlan, QuotaState
from territories.pipeline.quota_rows import store_months
from territories.selectors.quota_carrying import AccountMove, Carried, Key, carried, key_of, plans_on
from territories.selectors.quotas import months_of_quotas, open_plan
from territories.services.quota_plans import copy_of, publish_sheets
from territories.workflow.quotas import perform

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Signed:
    """Who signed what quotas follow from, and when: the versions of all measures at one moment."""

    submitted_by: Person | None
    approved_by: Person | None
    at: dt.datetime
    reason: str


@transaction.atomic
def follow_assignments(
    *,
    moves: Iterable[AccountMove],
    day: dt.date,
    submitted_by: Person | None,
    approved_by: Person | None,
    reason: str,
) -> list[QuotaPlan]:
    """Let the quotas follow a realignment that two people signed: a version of each plan that holds on the
    day, approved with it. An account takes its share of the territory's quota along, pro-rated by days.

    Gives the versions, one for each measure whose quotas change. Raises Refused while another version of the
    year is open, Denied where the second person may not approve realignments.
    """
    require(approved_by, "realignment.approve")
    wanted = list(moves)
    changes = [(plan, found) for plan in plans_on(day) if (found := carried(plan, wanted, day)).changes]
    _refuse_open([plan for plan, _ in changes])
    signed = Signed(submitted_by, approved_by, timezone.now(), reason)
    return [_followed(plan, found, day, signed) for plan, found in changes]


def _followed(plan: QuotaPlan, found: Carried, day: dt.date, signed: Signed) -> QuotaPlan:
    """The version in which one plan follows."""
    month = day.replace(day=1)
    version = copy_of(plan, actor=signed.submitted_by, from_month=month, reason=signed.reason)
    _store(version, found.after, signed.reason)
    _approve(plan, version, signed)
    return version


def _refuse_open(plans: list[QuotaPlan]) -> None:
    """An open version would lose what follows: it was made of the quotas before."""
    found = [open_plan(plan.first_month, plan.measure) for plan in plans]
    if others := [other for other in found if other is not None]:
        raise Refused(
            *(
                Reason(
                    f"{other} is {other.get_state_display().lower()}. Approve or delete it first.",
                    "open_version",
                )
                for other in others
            )
        )


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
    _approve(version, restored, Signed(None, actor, timezone.now(), reason))
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


def _approve(before: QuotaPlan, version: QuotaPlan, signed: Signed) -> None:
    """The version is signed by those who signed what it follows from."""
    row = QuotaPlan.objects.filter(pk=version.pk)
    row.update(state=QuotaState.SUBMITTED, submitted_by=signed.submitted_by)
    perform(plan=before, name="supersede", actor=None)
    row.update(state=QuotaState.APPROVED, approved_by=signed.approved_by, approved=signed.at)
    version.refresh_from_db()
    record(actor=signed.approved_by, verb="quotas follow accounts", subject=version, reason=signed.reason)
    publish_sheets(version)
