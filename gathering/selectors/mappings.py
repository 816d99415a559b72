"""Reading the mapping queue and what was decided."""

from django.db.models import QuerySet

from core.models import Person
from gathering.models import Mapping, UnmappedValue


def unmapped_visible_to(user: Person) -> QuerySet[UnmappedValue]:
    """The names nobody knows yet, most money first."""
    raise NotImplementedError


def mappings_visible_to(user: Person) -> QuerySet[Mapping]:
    """What every foreign name means."""
    raise NotImplementedError
