"""What must be right before production starts: `manage.py check --deploy --database default`."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from core.models import Person

PUBLIC = (
    "This database holds demo sign-ins, whose passwords are public. Use an empty database for "
    "production, or deactivate every demo person first."
)


@register(Tags.database)
def no_demo_people_in_production(databases: Any = None, **_: Any) -> list[Error]:
    """An error while somebody could sign in with a password that is printed in the documentation."""
    if settings.MODE != "production" or not databases or not _demo_people():
        return []
    return [Error(PUBLIC, id="core.E001")]


def refuse_demo_people() -> None:
    """For programs that start in production. Raises ImproperlyConfigured with the sentence."""
    if settings.MODE == "production" and _demo_people():
        raise ImproperlyConfigured(PUBLIC)


def _demo_people() -> bool:
    try:
        return Person.objects.filter(is_demo=True, is_active=True).exists()
    except DatabaseError:
        return False  # no tables yet: nobody to refuse; the check runs again after migrating
