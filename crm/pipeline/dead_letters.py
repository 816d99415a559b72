"""Telling people of changes that failed for good: nobody looks at the inbox of a CRM that seems to work."""

from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.services.notifications import notify
from crm.models import Endpoint, EventState
from crm.selectors.dead_letters import dead_since, keepers_of, with_untold_dead_letters


@transaction.atomic
def tell_of_dead_letters() -> int:
    """Tell whose connection it is, once an hour at most; says of how many connections."""
    now = timezone.now()
    due = list(with_untold_dead_letters().select_for_update(skip_locked=True, of=("self",)))
    for endpoint in due:
        _tell(endpoint)
    Endpoint.objects.filter(pk__in=[one.pk for one in due]).update(told_of_dead=now)
    return len(due)


def _tell(endpoint: Endpoint) -> None:
    count, reason = dead_since(endpoint)
    changes = "A change" if count == 1 else f"{count:,} changes"
    asked = urlencode({"endpoint": endpoint.pk, "state": EventState.DEAD})
    notify(
        people=keepers_of(endpoint),
        title=f"{changes} from {endpoint.label} failed for good",
        text=f"The last one says: {reason or 'nothing.'} Mend the cause, then replay them, or leave them out "
        "with a reason.",
        url=f"{reverse('crm:inbox-event-list')}?{asked}",
    )
