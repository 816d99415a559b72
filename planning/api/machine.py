"""What the API's parts of the machine share: how people, cycles, families and markets are named."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from catalog.models import Family, Market
from core.models import Person
from planning.engine.moves import STAGES
from planning.models import Cycle, StageName

STAGE_CHOICES = [(name, StageName(name).label) for name in STAGES]


def person(**options: Any) -> Any:
    """Somebody, by e-mail address."""
    return serializers.SlugRelatedField(
        slug_field="email", queryset=Person.objects.filter(is_active=True), **options
    )


def shown_person(source: str) -> Any:
    return serializers.EmailField(source=f"{source}.email", default=None, allow_null=True, read_only=True)


def cycle() -> Any:
    return serializers.PrimaryKeyRelatedField(
        queryset=Cycle.objects.all(), help_text="Needed to add; it never changes."
    )


def family() -> Any:
    return serializers.SlugRelatedField(
        slug_field="code", queryset=Family.objects.all(), required=False, allow_null=True
    )


def market() -> Any:
    return serializers.SlugRelatedField(
        slug_field="code", queryset=Market.objects.all(), required=False, allow_null=True
    )


def revision() -> Any:
    return serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Needed in a PATCH."
    )


def checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """What was sent, cleaned. Raises a 400 with every field's reason."""
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


class RevisionInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class DoneInput(RevisionInput):
    done = serializers.BooleanField(default=True)
