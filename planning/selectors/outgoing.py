"""Outgoing webhooks and what became of their messages."""

from django.db.models import Count, Max, Q, QuerySet

from core.models import Person
from core.roles import can
from planning.models import Dispatch, Subscription


def subscriptions_visible_to(user: Person | None) -> QuerySet[Subscription]:
    """Every subscription for those who manage them, with how its messages fare; none for others."""
    if user is not None and not can(user, "subscriptions.manage"):
        return Subscription.objects.none()
    arrived, waiting = Q(dispatches__delivered__isnull=False), Q(dispatches__delivered=None)
    return Subscription.objects.annotate(
        arrived=Count("dispatches", filter=arrived),
        failing=Count("dispatches", filter=waiting & Q(dispatches__attempts__gt=0)),
        last_arrived=Max("dispatches__delivered"),
    )


def dispatches_visible_to(user: Person | None) -> QuerySet[Dispatch]:
    """Every message, the newest first, for those who manage subscriptions."""
    visible = subscriptions_visible_to(user).values("pk")
    return Dispatch.objects.filter(subscription__in=visible).select_related("subscription")
