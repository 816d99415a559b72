"""Outgoing webhooks by API. A secret is given once: when the webhook is made, or the secret renewed."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from planning.api.machine import revision
from planning.models import Dispatch, Subscription
from planning.selectors.outgoing import dispatches_visible_to, subscriptions_visible_to
from planning.services.outgoing import (
    add_subscription,
    change_subscription,
    renew_secret,
    send_again,
    try_subscription,
)


class SubscriptionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Subscription
        fields = ["id", "label", "url", "events", "is_active", "revision"]


class SubscriptionWithSecret(SubscriptionSerializer):
    class Meta(SubscriptionSerializer.Meta):
        fields = [*SubscriptionSerializer.Meta.fields, "secret"]


class SubscriptionInput(serializers.ModelSerializer):
    revision = revision()

    class Meta:
        model = Subscription
        fields = ["label", "url", "events", "is_active", "revision"]
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "label": {"validators": []}
        }  # the service says who has the name already


class DispatchSerializer(serializers.ModelSerializer):
    subscription = serializers.CharField(source="subscription.label", read_only=True)

    class Meta:
        model = Dispatch
        fields = [
            *("id", "subscription", "event_type", "payload", "created", "attempts", "next_try"),
            *("delivered", "last_error"),
        ]


class TriedSerializer(serializers.Serializer):
    error = serializers.CharField(allow_blank=True, help_text="Empty: it arrived and was acknowledged.")


class SubscriptionViewSet(EditViewSet):
    """Addresses that are told of released plans or of accounts that change hands, signed as in Standard
    Webhooks."""

    selector = subscriptions_visible_to
    model = Subscription
    serializer_class = SubscriptionSerializer
    input_class = SubscriptionInput
    ordering_fields = ["label"]
    ordering = ["label"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "secret", "try_it"), "subscriptions.manage"
    )

    @extend_schema(request=SubscriptionInput, responses={201: SubscriptionWithSecret})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Connect an address; the answer holds its secret, which is never given again."""
        data = self._checked(request, partial=False)
        data.pop("revision", None)
        made = add_subscription(actor=person_of(request), **data)
        return Response(SubscriptionWithSecret(made).data, status=201)

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Subscription:
        return change_subscription(actor=person, subscription=row, revision=revision, changes=data)

    @extend_schema(request=None, responses=SubscriptionWithSecret)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str) -> Response:
        """Renew the secret; the answer holds it."""
        row = renew_secret(actor=person_of(request), subscription=self.get_object())
        return Response(SubscriptionWithSecret(row).data)

    @extend_schema(request=None, responses=TriedSerializer)
    @action(detail=True, methods=["post"], url_path="try", url_name="try")
    def try_it(self, request: Request, pk: str) -> Response:
        """Send a test message now."""
        return Response({"error": try_subscription(actor=person_of(request), subscription=self.get_object())})


class DispatchViewSet(ReadViewSet):
    """Messages of outgoing webhooks, the newest first."""

    selector = dispatches_visible_to
    model = Dispatch
    serializer_class = DispatchSerializer
    filterset_fields = {"subscription": ["exact"], "delivered": ["isnull"]}
    ordering_fields = ["created"]
    ordering = ["-created"]
    actions = dict.fromkeys(("list", "retrieve", "again"), "subscriptions.manage")

    @extend_schema(request=None, responses=DispatchSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Try a message that did not arrive anew."""
        row = send_again(actor=person_of(request), dispatch=self.get_object())
        return Response(DispatchSerializer(row).data)
