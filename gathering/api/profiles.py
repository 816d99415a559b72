"""Import profiles by API."""

from typing import Any

from rest_framework import serializers

from core.api.viewsets import EditViewSet
from core.models import Person
from gathering.datasets import DATASETS
from gathering.models import ImportProfile
from gathering.selectors.profiles import profiles_visible_to
from gathering.services.profiles import change_profile, create_profile


class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = ImportProfile
        fields = ["id", "code", "name", "dataset", "definition", "is_active", "revision"]


class ProfileInput(serializers.Serializer):
    code = serializers.SlugField(max_length=60, help_text="Never changes.")
    name = serializers.CharField(max_length=120)
    dataset = serializers.ChoiceField(
        choices=[(d.code, d.label) for d in DATASETS.values()], help_text="Never changes."
    )
    definition = serializers.CharField(trim_whitespace=False, allow_blank=True, help_text="YAML.")
    is_active = serializers.BooleanField(required=False)
    revision = serializers.IntegerField(required=False, help_text="Needed in a PATCH.")


class ProfileViewSet(EditViewSet):
    """How foreign files read. A definition with mistakes is refused with all of them at once."""

    selector = profiles_visible_to
    model = ImportProfile
    serializer_class = ProfileSerializer
    input_class = ProfileInput
    filterset_fields = ["dataset", "is_active", "code"]
    ordering_fields = ["dataset", "code", "name"]
    ordering = ["dataset", "code"]
    actions = {
        "list": "imports.view",
        "retrieve": "imports.view",
        "create": "profiles.manage",
        "partial_update": "profiles.manage",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> ImportProfile:
        wanted = {name: data[name] for name in ("code", "name", "dataset", "definition")}
        return create_profile(actor=person, **wanted)

    def change_by(
        self, person: Person, row: ImportProfile, revision: int, data: dict[str, Any]
    ) -> ImportProfile:
        changes: dict[str, Any] = {
            name: data[name] for name in ("name", "definition", "is_active") if name in data
        }
        return change_profile(actor=person, profile=row, revision=revision, changes=changes)
