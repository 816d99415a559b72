"""People, tokens and channels by API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api import serializers as shapes
from core.api.viewsets import EditViewSet
from core.models import ApiToken, Channel, Person
from core.selectors.people import channels_visible_to, people_visible_to, tokens_of
from core.services import add_channel, add_person, change_channel, change_person, create_token, revoke_token
from core.services import try_channel as send_test

CHANGING = ["get", "post", "patch", "head", "options"]


class PersonViewSet(EditViewSet):
    """People and their roles. Only technical advisors change them."""

    model = Person
    selector = people_visible_to
    serializer_class = shapes.PersonSerializer
    input_class = shapes.PersonInput
    filterset_fields = {"email": ["exact"], "is_active": ["exact"]}
    ordering_fields = ["name", "email", "last_login"]
    http_method_names = CHANGING
    actions = {
        "list": "people.view",
        "retrieve": "people.view",
        "create": "people.manage",
        "partial_update": "people.manage",
    }

    def create_by(self, person: Any, data: dict[str, Any]) -> Person:
        known = {name: value for name, value in data.items() if name not in {"is_active", "revision"}}
        return add_person(actor=person, **known)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Person:
        return change_person(actor=person, person=row, revision=revision, changes=data)


class TokenViewSet(mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet):
    """Your own API tokens. The key is in the answer to the POST, and nowhere else."""

    serializer_class = shapes.TokenSerializer
    queryset = ApiToken.objects.none()
    lookup_field = "token_key"
    lookup_value_regex = "[0-9A-Za-z]{1,25}"
    ordering_fields = ["created", "label"]
    actions = {"list": "account.own", "create": "account.own", "destroy": "account.own"}

    def get_queryset(self) -> Any:
        return tokens_of(self.request.user)

    @extend_schema(request=shapes.TokenInput, responses={201: shapes.NewTokenSerializer})
    def create(self, request: Request) -> Response:
        sent = shapes.TokenInput(data=request.data)
        sent.is_valid(raise_exception=True)
        token, key = create_token(actor=person_of(request), **sent.validated_data)
        return Response({**shapes.TokenSerializer(token).data, "key": key}, status=201)

    def perform_destroy(self, instance: Any) -> None:
        revoke_token(actor=person_of(self.request), token=instance)


class ChannelViewSet(EditViewSet):
    """Message channels. Their addresses are secret: they are written, never read."""

    model = Channel
    selector = channels_visible_to
    serializer_class = shapes.ChannelSerializer
    input_class = shapes.ChannelInput
    ordering_fields = ["label"]
    http_method_names = CHANGING
    actions = dict.fromkeys(("list", "retrieve", "create", "partial_update", "try_it"), "channels.manage")

    def create_by(self, person: Any, data: dict[str, Any]) -> Channel:
        known = {name: value for name, value in data.items() if name in {"label", "url", "person"}}
        return add_channel(actor=person, **known)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Channel:
        return change_channel(actor=person, channel=row, revision=revision, changes=data)

    @extend_schema(request=None, responses=shapes.SentSerializer)
    @action(detail=True, methods=["post"], url_path="try", url_name="try")
    def try_it(self, request: Request, **kwargs: Any) -> Response:
        """Send a test message and say what went wrong."""
        return Response({"error": send_test(actor=person_of(request), channel=self.get_object())})
