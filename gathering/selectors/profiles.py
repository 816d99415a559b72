"""Reading import profiles."""

from django.db.models import QuerySet

from core.models import Person
from gathering.models import ImportProfile


def profiles_visible_to(user: Person) -> QuerySet[ImportProfile]:
    """Every profile, the active ones of a dataset first."""
    raise NotImplementedError
