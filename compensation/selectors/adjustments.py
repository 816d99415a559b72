"""Adjustments, for those who see everybody's pay."""

from django.db.models import QuerySet

from compensation.models import Adjustment
from compensation.selectors.scope import sees_all_pay
from core.models import Person


def adjustments_visible_to(user: Person | None) -> QuerySet[Adjustment]:
    """The adjustments a person may open: all, or none. Reps read their own on their statements."""
    rows = Adjustment.objects.select_related(
        "rep", "currency", "deal", "made_by", "decided_by", "run", "dispute"
    )
    return rows if sees_all_pay(user) else rows.none()
