"""Reads of the rules of crediting."""

from django.db.models import Count, Q, QuerySet, Sum

from compensation.models import CreditRule
from compensation.selectors.scope import sees_all_pay
from core.models import Person


def rules_visible_to(user: Person | None) -> QuerySet[CreditRule]:
    """The rules, for those who see everybody's pay: they name who gets what."""
    shown = ("coverage_role", "rep", "market", "family", "pay_role")
    rows = CreditRule.objects.select_related(*shown)
    return rows if sees_all_pay(user) else rows.none()


def with_counts(rows: QuerySet[CreditRule]) -> QuerySet[CreditRule]:
    """Each rule with `given` and `credited`: how many credits it gave, and how much."""
    counted = Q(credits__is_gone=False)
    return rows.annotate(
        given=Count("credits", filter=counted), credited=Sum("credits__amount", filter=counted)
    )
