"""Outgoing webhooks and what became of their messages."""

from collections.abc import Collection

from django.db.models import Count, Max, Q, QuerySet

from core.models import Person
from core.roles import can
from core.slots import Arrival
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


def arrivals_of(abouts: Collection[str]) -> dict[str, Arrival]:
    """How the messages about something fare, by what they are about; nothing where nobody is told."""
    given_up = Q(delivered=None, next_try=None)
    rows = Dispatch.objects.filter(about__in=abouts).order_by().values("about")
    counted = rows.annotate(
        arrived=Count("pk", filter=Q(delivered__isnull=False)),
        given_up=Count("pk", filter=given_up),
        waiting=Count("pk", filter=Q(delivered=None) & ~given_up),
    )
    return {row["about"]: Arrival(row["arrived"], row["waiting"], row["given_up"]) for row in counted}
