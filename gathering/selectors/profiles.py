"""Reading import profiles."""

from django.db.models import QuerySet

from core.models import Person
from core.roles import can
from gathering.models import ImportProfile


def profiles_visible_to(user: Person) -> QuerySet[ImportProfile]:
    """Every profile, the active ones of a dataset first."""
    found = ImportProfile.objects.order_by("dataset", "-is_active", "code")
    return found if can(user, "imports.view") else found.none()
