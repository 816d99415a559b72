"""Reading the mapping queue and what was decided."""

from django.db.models import QuerySet

from core.models import Person
from core.roles import can
from gathering.models import Mapping, UnmappedValue


def unmapped_visible_to(user: Person) -> QuerySet[UnmappedValue]:
    """The names nobody knows yet, most money first."""
    found = UnmappedValue.objects.filter(is_open=True).select_related("first_run")
    return found if can(user, "imports.view") else found.none()


def mappings_visible_to(user: Person) -> QuerySet[Mapping]:
    """What every foreign name means."""
    found = Mapping.objects.select_related("decided_by")
    return found if can(user, "imports.view") else found.none()
