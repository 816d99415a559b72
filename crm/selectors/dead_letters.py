"""Changes from a CRM that failed for good: which connections have news of them, and who is told."""

import datetime as dt

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now

from core.models import Event, Person
from core.roles import Role, can
from crm.models import Endpoint, EventState, InboxEvent

TOLD_AGAIN_AFTER = dt.timedelta(hours=1)


def with_untold_dead_letters() -> QuerySet[Endpoint]:
    """Connections with dead letters since their people were last told, an hour ago at least."""
    due = Q(told_of_dead=None) | Q(told_of_dead__lte=Now() - TOLD_AGAIN_AFTER)
    dead = {one["endpoint"]: one["last"] for one in _dead().values("endpoint").annotate(last=Max("settled"))}
    news = Q(pk__in=[])
    for endpoint, last in dead.items():
        news |= Q(pk=endpoint) & (Q(told_of_dead=None) | Q(told_of_dead__lt=last))
    return Endpoint.objects.filter(due, news)


def dead_since(endpoint: Endpoint) -> tuple[int, str]:
    """How many letters of a connection died since its people were told, and why the last one did."""
    found = _dead().filter(endpoint=endpoint)
    if endpoint.told_of_dead:
        found = found.filter(settled__gt=endpoint.told_of_dead)
    counted = found.aggregate(count=Count("pk"))["count"]
    last = found.order_by("-settled", "-pk").values_list("error", flat=True).first()
    return counted, last or ""


def keepers_of(endpoint: Endpoint) -> list[Person]:
    """Who connected it, as long as that person may mend it; else the advisors, else the S&OP managers."""
    made = Event.objects.filter(
        subject_type=Endpoint._meta.label_lower, subject_id=str(endpoint.pk), verb="endpoint connected"
    ).select_related("actor")
    owners = [one.actor for one in made if one.actor and one.actor.is_active]
    if able := [one for one in owners if Role.SERVICE not in one.roles and can(one, "hooks.replay")]:
        return able
    active = Person.objects.filter(is_active=True)
    return list(active.filter(roles__contains=[Role.ADVISOR])) or list(
        active.filter(roles__contains=[Role.MANAGER])
    )


def _dead() -> QuerySet[InboxEvent]:
    return InboxEvent.objects.filter(state=EventState.DEAD, settled__isnull=False).order_by()
