"""The alarm for connections that have gone quiet; beat calls it every few minutes."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.formats import show
from core.models import Person
from core.roles import Role
from core.services.notifications import notify
from crm.engine.webhooks import ADAPTERS
from crm.models import Endpoint
from crm.selectors.silence import not_told_of


@transaction.atomic
def sound_alarms() -> int:
    """Tell the advisors of each connection that went quiet: once, and once a day while it lasts."""
    silent = list(not_told_of().select_for_update(skip_locked=True, of=("self",)))
    if not silent:
        return 0
    advisors = list(Person.objects.filter(is_active=True, roles__contains=[Role.ADVISOR]))
    for endpoint in silent:
        _tell(advisors, endpoint)
    now = timezone.now()
    Endpoint.objects.filter(pk__in=[one.pk for one in silent]).update(last_alarm=now)
    return len(silent)


def _tell(advisors: list[Person], endpoint: Endpoint) -> None:
    crm, last = ADAPTERS[endpoint.provider].label, show(endpoint.last_verified, "time")[0]
    notify(
        people=advisors,
        title=f"{endpoint.label} is silent",
        text=f"Nothing has come from {crm} since {last}, although it may be quiet for "
        f"{endpoint.silence_hours} hours at most. "
        "See in the CRM whether it still sends, try the address, and compare an export.",
        url=reverse("crm:endpoint", args=[endpoint.pk]),
    )
