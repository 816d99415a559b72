"""Events of CRMs by API: what became of each change, applying it anew, leaving it out."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from core.errors import Invalid, Reason
from crm.filters.inbox import InboxEventFilter
from crm.models import InboxEvent
from crm.selectors.inbox import events_visible_to
from crm.selectors.inbox_diffs import diffs_of
from crm.services.inbox import replay, skip

VIEW, REPLAY = "hooks.view", "hooks.replay"
MOST_IDS = 10_000


class InboxEventSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="endpoint.source", help_text="The CRM.")  # type: ignore[assignment]
    settled_by = serializers.CharField(source="settled_by.email", default=None, allow_null=True)

    class Meta:
        model = InboxEvent
        # `fields` is DRF's own word and the table's: the list below is DRF's.
        fields = [
            *("id", "endpoint", "source", "delivery", "entity", "external_id", "kind", "occurred", "version"),
            *("changes", "merged", "seen", "state", "waits_for", "attempts", "next_try", "error"),
            *("reason", "settled", "settled_by"),
        ]

    changes = serializers.JSONField(source="fields", read_only=True, help_text="Field: text as it was sent.")


class FieldDiffSerializer(serializers.Serializer):
    name = serializers.CharField()
    before = serializers.CharField(help_text="What the record's earlier events say.")
    after = serializers.CharField(help_text="What this event says.")
    now = serializers.CharField(help_text="The newest news.")


class SomeEvents(serializers.Serializer):
    """Which events: by id, or all that a filter of the list leaves (`?state=dead`)."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=MOST_IDS
    )
    all_filtered = serializers.BooleanField(required=False, help_text="All that the query string leaves.")


class SkipSome(SomeEvents):
    reason = serializers.CharField(max_length=300)


class SkipInput(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class EventCountSerializer(serializers.Serializer):
    events = serializers.IntegerField()


class InboxEventViewSet(ReadViewSet):
    """Single changes of single records, the newest first."""

    selector = events_visible_to
    model = InboxEvent
    serializer_class = InboxEventSerializer
    filterset_class = InboxEventFilter
    ordering_fields = ["id", "occurred"]
    ordering = ["-id"]
    actions = {
        **dict.fromkeys(("list", "retrieve", "diff"), VIEW),
        **dict.fromkeys(("replay", "skip", "replay_some", "skip_some"), REPLAY),
    }

    @extend_schema(responses=FieldDiffSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def diff(self, request: Request, pk: str) -> Response:
        """What it changes, field by field: before it, in it, and now."""
        row = self.get_object()
        return Response(FieldDiffSerializer(diffs_of([row])[row.pk], many=True).data)

    @extend_schema(request=None, responses=EventCountSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Apply it anew."""
        return self._replay(request, [self.get_object()])

    @extend_schema(request=SkipInput, responses=EventCountSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Leave it out, with a reason."""
        told = SkipInput(data=request.data)
        told.is_valid(raise_exception=True)
        return self._skip(request, [self.get_object()], told.validated_data["reason"])

    @extend_schema(request=SomeEvents, responses=EventCountSerializer)
    @action(detail=False, methods=["post"], url_path="replay-some", url_name="replay-some")
    def replay_some(self, request: Request) -> Response:
        """Apply some anew, by id, or all that the query string leaves."""
        return self._replay(request, self._some(request, SomeEvents)[0])

    @extend_schema(request=SkipSome, responses=EventCountSerializer)
    @action(detail=False, methods=["post"], url_path="skip-some", url_name="skip-some")
    def skip_some(self, request: Request) -> Response:
        """Leave some out with a reason, by id, or all that the query string leaves."""
        chosen, told = self._some(request, SkipSome)
        return self._skip(request, chosen, told["reason"])

    def _some(self, request: Request, shape: type[SomeEvents]) -> tuple[Any, dict[str, Any]]:
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        told = serializer.validated_data
        if told.get("all_filtered"):
            return self.filter_queryset(self.get_queryset()), told
        if not told.get("ids"):
            raise Invalid(Reason("Send ids, or all_filtered with a filter.", "required", "ids"))
        return self.get_queryset().filter(pk__in=told["ids"]), told

    def _replay(self, request: Request, events: Any) -> Response:
        return Response({"events": replay(actor=person_of(request), events=events)})

    def _skip(self, request: Request, events: Any, reason: str) -> Response:
        return Response({"events": skip(actor=person_of(request), events=events, reason=reason)})
