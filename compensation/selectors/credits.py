"""Reads of credits: who is credited for what, and why."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from compensation.models import Credit
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person

SHOWN_WITH = ("rep", "deal", "paper", "account", "product", "market", "territory", "rule")


def all_credits_visible_to(user: Person | None) -> QuerySet[Credit]:
    """The credits of the reps whose pay a person may see, those that no longer count among them."""
    rows = Credit.objects.select_related(*SHOWN_WITH)
    return rows if sees_all_pay(user) else rows.filter(rep__in=reps_paid_visible_to(user).values("pk"))


def credits_visible_to(user: Person | None) -> QuerySet[Credit]:
    """The credits that count, of the reps whose pay a person may see."""
    return all_credits_visible_to(user).filter(is_gone=False)


def credits_beside(user: Person | None, credit: Credit) -> QuerySet[Credit]:
    """What else counts of the same deal, invoice or sales line, as far as the person may see it."""
    rows: Any = credits_visible_to(user).exclude(pk=credit.pk)
    for name in ("deal_id", "paper_id", "line"):
        value = getattr(credit, name)
        if value is not None:
            return rows.filter(**{name: value}).order_by("day", "kind", "rep__name", "pk")
    return rows.none()


def credit_url(row: Credit) -> str:
    """The page that says why a rep is credited."""
    return reverse("compensation:credit", args=[row.pk])
