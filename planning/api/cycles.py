"""Cycles by API: opened, moved, revised; their stages and checklists."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from planning.api.machine import (
    STAGE_CHOICES,
    DoneInput,
    RevisionInput,
    checked,
    person,
    revision,
    shown_person,
    without,
)
from planning.engine.moves import NAMES, STAGES
from planning.filters import ChecklistFilter, CycleFilter, StageFilter
from planning.models import ChecklistItem, Cycle, Stage
from planning.selectors.artefacts import ARTEFACTS, colours_of
from planning.selectors.cycles import checklist_visible_to, cycles_visible_to, stages_visible_to
from planning.selectors.timeline import timeline_of
from planning.services.checklists import add_item, change_item, remove_item, tick_item
from planning.services.cycles import open_cycle
from planning.services.moves import make_move
from planning.services.stages import change_stage
from planning.workflow.offers import offers

MOST_EVENTS = 200


class CycleListSerializer(serializers.ModelSerializer):
    """One month's process. `month` is the first month planned."""

    opened_by = shown_person("opened_by")
    label = serializers.CharField(source="__str__", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Cycle
        fields = [
            *("id", "label", "month", "issue", "supersedes", "horizon", "stage", "opened_by", "opened"),
            *("forecast_run", "released", "revision"),
        ]


class StageSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    signed_by = shown_person("signed_by")

    class Meta:
        model = Stage
        fields = ["id", "cycle", "name", "owner", "due", "signed_by", "signed", "note", "revision"]


class ReasonSerializer(serializers.Serializer):
    text = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


class OfferSerializer(serializers.Serializer):
    """A move the caller's role allows, with every reason why it is refused now; none means it can be made."""

    name = serializers.CharField(source="move.name")
    label = serializers.CharField(source="move.label")  # type: ignore[assignment]
    source = serializers.CharField(source="move.source")  # type: ignore[assignment]
    target = serializers.CharField(source="move.target")
    asks_reason = serializers.BooleanField(source="move.asks_reason")
    reasons = ReasonSerializer(many=True)


class ColourSerializer(serializers.Serializer):
    """How a stage's artefact stands: green made from today's inputs, yellow re-made upstream, red missing."""

    stage = serializers.ChoiceField(choices=STAGE_CHOICES)
    artefact = serializers.CharField()
    colour = serializers.ChoiceField(choices=["green", "yellow", "red"])
    text = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class CycleSerializer(CycleListSerializer):
    stages = StageSerializer(many=True, read_only=True)
    colours = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()

    class Meta(CycleListSerializer.Meta):
        fields = [*CycleListSerializer.Meta.fields, "stages", "colours", "moves"]

    @extend_schema_field(ColourSerializer(many=True))
    def get_colours(self, cycle: Cycle) -> Any:
        rows = [
            {"stage": name, "artefact": ARTEFACTS[name].label, **vars(colour)}
            for name, colour in colours_of(cycle).items()
        ]
        return ColourSerializer(rows, many=True).data

    @extend_schema_field(OfferSerializer(many=True))
    def get_moves(self, cycle: Cycle) -> Any:
        return OfferSerializer(offers(cycle, self.context["request"].user), many=True).data


class OwnersInput(serializers.Serializer):
    horizon = serializers.IntegerField(required=False, min_value=12, max_value=36, allow_null=True)
    owners = serializers.DictField(
        child=person(), required=False, help_text="E-mail addresses by stage; others as usual."
    )

    def validate_owners(self, owners: dict[str, Person]) -> dict[str, Person]:
        unknown = sorted(set(owners) - set(STAGES))
        if unknown:
            raise serializers.ValidationError(f"{unknown[0]} is no stage. Use: {', '.join(STAGES)}.")
        return owners


class OpenInput(OwnersInput):
    month = serializers.DateField(help_text="Any day of the first month planned.")


class ReviseInput(OwnersInput):
    reason = serializers.CharField(max_length=500)


class CycleMoveInput(serializers.Serializer):
    name = serializers.ChoiceField(choices=list(NAMES))
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class TimelineSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    actor = shown_person("actor")
    verb = serializers.CharField()
    about = serializers.CharField(source="subject_label")
    reason = serializers.CharField(allow_blank=True)


class CycleViewSet(ReadViewSet):
    """Planning cycles. One shows its stages, their colours, and the moves that the caller may make."""

    selector = cycles_visible_to
    model = Cycle
    serializer_class = CycleSerializer
    filterset_class = CycleFilter
    ordering_fields = ["month", "opened", "released"]
    ordering = ["-month", "-issue"]
    actions = {
        "list": "cycle.view",
        "retrieve": "cycle.view",
        "create": "cycle.open",
        "revise": "cycle.open",
        "moves": "cycle.view",
        "timeline": "cycle.view",
    }
    http_method_names = ["get", "post", "head", "options"]

    def get_serializer_class(self) -> Any:
        return CycleListSerializer if self.action == "list" else CycleSerializer

    @extend_schema(request=OpenInput, responses={201: CycleSerializer})
    def create(self, request: Request) -> Response:
        """Open the cycle of a month."""
        data = checked(OpenInput, request)
        cycle = open_cycle(actor=person_of(request), **data)
        return Response(self._shown(cycle), status=201)

    @extend_schema(request=ReviseInput, responses={201: CycleSerializer})
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        """Open a revision of a released cycle; its release supersedes this one."""
        data = checked(ReviseInput, request)
        old = self.get_object()
        cycle = open_cycle(actor=person_of(request), month=old.month, supersedes=old, **data)
        return Response(self._shown(cycle), status=201)

    @extend_schema(request=CycleMoveInput, responses=CycleSerializer)
    @action(detail=True, methods=["post"])
    def moves(self, request: Request, pk: str) -> Response:
        """Make a move. A refusal lists every reason (409)."""
        data = checked(CycleMoveInput, request)
        moved = make_move(actor=person_of(request), cycle=self.get_object(), **data)
        return Response(self._shown(moved))

    @extend_schema(responses=TimelineSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def timeline(self, request: Request, pk: str) -> Response:
        """The newest 200 events of the cycle and of everything in it."""
        found = timeline_of(person_of(request), self.get_object(), limit=MOST_EVENTS, details=True)
        return Response(TimelineSerializer(found, many=True).data)

    def _shown(self, cycle: Cycle) -> Any:
        return CycleSerializer(cycle, context=self.get_serializer_context()).data


class StageInput(serializers.Serializer):
    owner = person(required=False)
    due = serializers.DateField(required=False)
    revision = revision()


class StageViewSet(EditViewSet):
    """The five stages of each cycle: who owns them, when they are due, who signed them."""

    selector = stages_visible_to
    model = Stage
    serializer_class = StageSerializer
    input_class = StageInput
    filterset_class = StageFilter
    ordering_fields = ["due"]
    ordering = ["-cycle__month", "due"]
    actions = {"list": "cycle.view", "retrieve": "cycle.view", "partial_update": "cycle.plan"}
    http_method_names = ["get", "patch", "head", "options"]

    def change_by(self, person: Person, row: Stage, revision: int, data: dict[str, Any]) -> Stage:
        return change_stage(actor=person, stage=row, revision=revision, changes=data)


class ChecklistItemSerializer(serializers.ModelSerializer):
    done_by = shown_person("done_by")

    class Meta:
        model = ChecklistItem
        fields = ["id", "stage", "position", "text", "is_required", "done_by", "done", "revision"]


class ChecklistItemInput(serializers.Serializer):
    stage = serializers.PrimaryKeyRelatedField(queryset=Stage.objects.all(), help_text="Needed to add.")
    text = serializers.CharField(max_length=200)
    is_required = serializers.BooleanField(default=True)
    revision = revision()


class RemovalInput(RevisionInput):
    reason = serializers.CharField(max_length=500)


class ChecklistViewSet(EditViewSet):
    """What must have been looked at before a stage is signed."""

    selector = checklist_visible_to
    model = ChecklistItem
    serializer_class = ChecklistItemSerializer
    input_class = ChecklistItemInput
    filterset_class = ChecklistFilter
    ordering_fields = ["position"]
    ordering = ["stage", "position"]
    actions = {
        "list": "cycle.view",
        "retrieve": "cycle.view",
        "create": "cycle.plan",
        "partial_update": "cycle.plan",
        "tick": "cycle.view",
        "remove": "cycle.plan",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> ChecklistItem:
        return add_item(actor=person, **without(data, "revision"))

    def change_by(
        self, person: Person, row: ChecklistItem, revision: int, data: dict[str, Any]
    ) -> ChecklistItem:
        changes = without(data, "stage")
        return change_item(actor=person, item=row, revision=revision, changes=changes)

    @extend_schema(request=DoneInput, responses=ChecklistItemSerializer)
    @action(detail=True, methods=["post"])
    def tick(self, request: Request, pk: str) -> Response:
        """Tick the point off, or take the tick back."""
        item = tick_item(actor=person_of(request), item=self.get_object(), **checked(DoneInput, request))
        return Response(ChecklistItemSerializer(item).data)

    @extend_schema(request=RemovalInput, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Take the point off the list, with the reason."""
        data = checked(RemovalInput, request)
        remove_item(actor=person_of(request), item=self.get_object(), **data)
        return Response(status=204)
