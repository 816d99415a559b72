"""Deliveries and their events by API: read what came, apply it anew, leave it out."""

import base64
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from crm.api.inbox_events import EventCountSerializer
from crm.filters.inbox import DeliveryFilter
from crm.models import Delivery
from crm.selectors.inbox import deliveries_visible_to, events_visible_to
from crm.services.inbox import replay

VIEW, REPLAY = "hooks.view", "hooks.replay"


class DeliverySerializer(serializers.ModelSerializer):
    endpoint_key = serializers.UUIDField(source="endpoint.key", help_text="The id in its address.")
    provider = serializers.CharField(source="endpoint.provider")

    class Meta:
        model = Delivery
        fields = [
            *("id", "endpoint", "endpoint_key", "provider", "received", "state", "events", "error"),
            *("sha256", "headers"),
        ]


class DeliveryDetailSerializer(DeliverySerializer):
    body_base64 = serializers.SerializerMethodField(help_text="The raw bytes, in base64.")

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "body_base64"]

    @extend_schema_field(OpenApiTypes.BYTE)
    def get_body_base64(self, row: Delivery) -> str:
        return base64.b64encode(bytes(row.body)).decode()


class DeliveryViewSet(ReadViewSet):
    """Every verified request of a CRM, byte for byte, the newest first."""

    selector = deliveries_visible_to
    model = Delivery
    filterset_class = DeliveryFilter
    ordering_fields = ["id", "received"]
    ordering = ["-id"]
    actions = {"list": VIEW, "retrieve": VIEW, "body": VIEW, "replay": REPLAY}

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.defer(None)

    def get_serializer_class(self) -> Any:
        return DeliverySerializer if self.action == "list" else DeliveryDetailSerializer

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True)
    def body(self, request: Request, pk: str) -> HttpResponse:
        """The bytes as they came."""
        return HttpResponse(bytes(self.get_object().body), content_type="application/octet-stream")

    @extend_schema(request=None, responses=EventCountSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Apply every event of the delivery anew."""
        chosen = events_visible_to(person_of(request)).filter(delivery=self.get_object())
        return Response({"events": replay(actor=person_of(request), events=chosen)})
