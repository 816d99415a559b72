"""The quotas that a measure is compared with: those of its own approved plans, else what the slot gives."""

import datetime as dt

from django.db.models import Sum

from core.models import Person
from crm.selectors.quotas import Quota, quotas
from territories.models import QuotaMeasure, QuotaMonth, QuotaState
from territories.selectors.quotas import quotas_visible_to


def measures_of(first: dt.date, last: dt.date) -> set[str]:
    """What the approved plans of these months are measured in; empty where quotas come from elsewhere."""
    rows = QuotaMonth.objects.filter(
        quota__plan__state=QuotaState.APPROVED, month__range=(first.replace(day=1), last)
    )
    return set(rows.order_by().values_list("quota__plan__measure", flat=True).distinct())


def usual_measure(first: dt.date, last: dt.date) -> str:
    """What these months are usually looked at in: bookings, unless quotas are of sales alone."""
    return QuotaMeasure.SALES if measures_of(first, last) == {QuotaMeasure.SALES} else QuotaMeasure.BOOKINGS


def quotas_in(user: Person | None, measure: str, first: dt.date, last: dt.date) -> list[Quota]:
    """The quotas of reps that a person may see. The slot of quotas knows one measure a month; a plan of the
    other measure stands beside it."""
    if measures_of(first, last) != set(QuotaMeasure.values):
        return quotas(user, first, last)
    rows = QuotaMonth.objects.filter(
        quota__in=quotas_visible_to(user).filter(rep__isnull=False).order_by().values("pk"),
        quota__plan__state=QuotaState.APPROVED,
        quota__plan__measure=measure,
        month__range=(first.replace(day=1), last),
    )
    sums = rows.order_by().values_list("quota__rep", "month").annotate(total=Sum("amount"))
    return [Quota(rep, None, month, amount) for rep, month, amount in sums]
