"""What people are narrowed to."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import code, code_of
from catalog.models import Scope
from catalog.selectors import families_visible_to, markets_visible_to, scopes_visible_to
from catalog.services import add_scope, remove_scope
from core.api.viewsets import EditViewSet
from core.models import Person


class ScopeSerializer(serializers.ModelSerializer):
    person: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)
    market, family = code(), code()

    class Meta:
        model = Scope
        fields = ["id", "person", "market", "family"]


class ScopeInput(serializers.Serializer):
    person: Any = serializers.SlugRelatedField(slug_field="email", queryset=Person.objects.all())
    market = code_of(markets_visible_to, required=False, allow_null=True)
    family = code_of(families_visible_to, required=False, allow_null=True)


class ScopeViewSet(EditViewSet):
    """Lines that narrow a person to a market's or a family's subtree."""

    model = Scope
    actions = dict.fromkeys(("list", "retrieve", "create", "destroy"), "people.manage")
    http_method_names = ["get", "post", "delete", "head", "options"]
    selector = scopes_visible_to
    serializer_class = ScopeSerializer
    input_class = ScopeInput
    filterset_fields = ["person__email"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return add_scope(actor=person, **data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        person: Any = request.user
        remove_scope(actor=person, scope=self.get_object())
        return Response(status=204)
