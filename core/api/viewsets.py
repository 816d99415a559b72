"""The base of every viewset: reads through a selector, writes through services."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.errors import Invalid, Reason


class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """List and detail of what `selector(person)` lets the caller see.

    Subclasses set `selector`, `serializer_class`, `actions`, and usually `filterset_fields` or
    `filterset_class` and `ordering_fields`.
    """

    selector: ClassVar[Callable[[Any], QuerySet]]
    actions: ClassVar[dict[str, str]]
    model: ClassVar[type[Model]]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return type(self).selector(self.request.user)


class EditViewSet(ReadViewSet):
    """Adds create and partial update. Subclasses set `input_class` and define `create_by` and
    `change_by`, each one call of a service. A PATCH carries the `revision` it was made from."""

    input_class: ClassVar[type[Serializer]]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        raise TypeError(f"{type(self).__name__} names no service: define create_by()")

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        raise TypeError(f"{type(self).__name__} names no service: define change_by()")

    def get_serializer_class(self) -> Any:
        return self.input_class if self.action in {"create", "partial_update"} else self.serializer_class

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = self._checked(request, partial=False)
        row = self.create_by(request.user, data)
        return Response(self._shown(row), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        data = self._checked(request, partial=True)
        if "revision" not in data:
            raise Invalid(Reason("Send the revision that you read with the row.", "required", "revision"))
        revision = data.pop("revision")
        return Response(self._shown(self.change_by(request.user, row, revision, data)))

    def _checked(self, request: Request, *, partial: bool) -> dict[str, Any]:
        serializer = self.input_class(
            data=request.data, partial=partial, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _shown(self, row: Model) -> dict[str, Any]:
        shown: Any = self.serializer_class
        return shown(row, context=self.get_serializer_context()).data
