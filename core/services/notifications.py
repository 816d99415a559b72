"""Telling people something, and what they do with it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from core.models import Notification, Person


@transaction.atomic
def notify(*, people: Iterable[Person], title: str, text: str = "", url: str = "") -> list[Notification]:
    """Give each active person one message; mail and channels follow within a minute.

    Call it inside the transaction of what it tells about. `url` is a path of this application.
    """
    told = {person.pk: person for person in people if person.is_active}
    return Notification.objects.bulk_create(
        Notification(person=person, title=title[:200], text=text, url=url[:300]) for person in told.values()
    )


def mark_read(*, actor: Person, notification_id: int | None = None) -> int:
    """Mark one of the person's own notifications as read, or all of them; says how many."""
    mine = Notification.objects.filter(person=actor, read_at=None)
    if notification_id is not None:
        mine = mine.filter(pk=notification_id)
    return mine.update(read_at=timezone.now())
