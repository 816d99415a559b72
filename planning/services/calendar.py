"""The secret address of a person's calendar feed: made, replaced, taken back."""

from django.db import transaction

from core.access import require
from core.events import record
from core.models import Person
from planning.models import CalendarAddress


@transaction.atomic
def make_address(*, actor: Person) -> CalendarAddress:
    """Give the actor a new secret address; the one before ends."""
    require(actor, "cycle.view")
    address, is_new = CalendarAddress.objects.select_for_update().get_or_create(person=actor)
    if not is_new:
        address.number += 1
        address.is_active = True
        address.save(update_fields=["number", "is_active"])
    record(actor=actor, verb="calendar address made", subject=address)
    return address


@transaction.atomic
def revoke_address(*, actor: Person) -> None:
    """Take the actor's address back: calendars that use it read nothing any more."""
    require(actor, "cycle.view")
    address = CalendarAddress.objects.select_for_update().filter(person=actor, is_active=True).first()
    if address is None:
        return
    address.number += 1
    address.is_active = False
    address.save(update_fields=["number", "is_active"])
    record(actor=actor, verb="calendar address taken back", subject=address)
