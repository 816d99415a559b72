"""People, their tokens and their channels."""

from typing import Any

from django.db.models import Count, QuerySet

from core.models import ApiToken, Channel, Person
from core.roles import ACTIONS, Role, can


def people_visible_to(person: Any) -> QuerySet[Person]:
    """Everybody, for those who may see the list; otherwise only oneself."""
    people = Person.objects.annotate(tokens=Count("auth_token_set"))
    return people if can(person, "people.view") else people.filter(pk=person.pk)


def tokens_of(person: Any) -> QuerySet[ApiToken]:
    """The person's own API tokens, the newest first."""
    return ApiToken.objects.filter(user=person).order_by("-created")


def channels_visible_to(person: Any) -> QuerySet[Channel]:
    """All channels, for those who connect them; nobody else sees any."""
    channels = Channel.objects.select_related("person")
    return channels if can(person, "channels.manage") else channels.none()


def rights_matrix() -> list[dict[str, Any]]:
    """The matrix in words: one line per action, a yes or no per role."""
    return [
        {"name": name, "does": action.does, "allowed": [role in action.roles for role in Role]}
        for name, action in ACTIONS.items()
    ]
