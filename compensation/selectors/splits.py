"""Reads of deals that are shared by hand."""

import hashlib
from collections.abc import Iterable

from django.db.models import QuerySet

from compensation.models import DealSplit, PayRun
from compensation.models.runs import closed_runs
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person
from crm.models import Deal
from crm.selectors.deals import deals_visible_to


def splits_of(deal: Deal) -> QuerySet[DealSplit]:
    """The shares of a deal, the largest first."""
    return DealSplit.objects.filter(deal=deal).select_related("rep", "deal").order_by("-percent", "rep__name")


def splits_visible_to(user: Person | None) -> QuerySet[DealSplit]:
    """The shares of the reps whose pay a person may see."""
    rows = DealSplit.objects.select_related("rep", "deal")
    return rows if sees_all_pay(user) else rows.filter(rep__in=reps_paid_visible_to(user).values("pk"))


def shared_deals(user: Person | None) -> QuerySet[Deal]:
    """The deals that a person may see, to share their credit."""
    return deals_visible_to(user)


def mark_of(rows: Iterable[DealSplit]) -> str:
    """What a list of shares is recognised by: it changes with every row."""
    told = sorted((row.rep_id, str(row.percent), row.revision) for row in rows)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def closed_run_of(deal: Deal) -> PayRun | None:
    """The locked or paid run of the month in which the deal was won."""
    if deal.closed is None:
        return None
    return PayRun.objects.filter(closed_runs(), month=deal.closed.replace(day=1)).first()
