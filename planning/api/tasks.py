"""Tasks and meetings by API."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from planning.api.machine import (
    STAGE_CHOICES,
    DoneInput,
    RevisionInput,
    checked,
    cycle,
    person,
    revision,
    shown_person,
    without,
)
from planning.filters import MeetingFilter, TaskFilter
from planning.models import Meeting, Task
from planning.selectors.calendar import items_between
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.tasks import tasks_visible_to
from planning.services.meetings import Action, add_meeting, change_meeting, write_minutes
from planning.services.tasks import add_task, change_task, finish_task, remind_of_task

LONGEST = 400  # days that the calendar shows at once


class TaskSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    done_by = shown_person("done_by")

    class Meta:
        model = Task
        fields = [
            *("id", "cycle", "stage", "title", "text", "owner", "due", "meeting", "done_by", "done"),
            *("reminded", "revision"),
        ]


class TaskInput(serializers.Serializer):
    cycle = cycle()
    title = serializers.CharField(max_length=200)
    owner = person()
    due = serializers.DateField()
    text = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    stage = serializers.ChoiceField(choices=STAGE_CHOICES, required=False)
    revision = revision()


class TaskViewSet(EditViewSet):
    """What somebody does by a day: everybody's for planners, one's own for others."""

    selector = tasks_visible_to
    model = Task
    serializer_class = TaskSerializer
    input_class = TaskInput
    filterset_class = TaskFilter
    ordering_fields = ["due", "title"]
    ordering = ["due", "id"]
    actions = {
        "list": "tasks.own",
        "retrieve": "tasks.own",
        "create": "tasks.manage",
        "partial_update": "tasks.manage",
        "finish": "tasks.own",
        "remind": "tasks.manage",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Task:
        return add_task(actor=person, **without(data, "revision"))

    def change_by(self, person: Person, row: Task, revision: int, data: dict[str, Any]) -> Task:
        return change_task(actor=person, task=row, revision=revision, changes=without(data, "cycle"))

    @extend_schema(request=DoneInput, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Mark the task as done, or take it up again."""
        task = finish_task(actor=person_of(request), task=self.get_object(), **checked(DoneInput, request))
        return Response(TaskSerializer(task).data)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, pk: str) -> Response:
        """Remind the owner now."""
        task = remind_of_task(actor=person_of(request), task=self.get_object())
        task.refresh_from_db()
        return Response(TaskSerializer(task).data)


class MeetingSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    attendees: serializers.Field = serializers.SlugRelatedField(slug_field="email", many=True, read_only=True)

    class Meta:
        model = Meeting
        fields = [
            *("id", "cycle", "stage", "title", "begins", "minutes_long", "place", "owner", "attendees"),
            *("agenda", "minutes", "revision"),
        ]


class MeetingInput(serializers.Serializer):
    cycle = cycle()
    stage = serializers.ChoiceField(choices=STAGE_CHOICES)
    title = serializers.CharField(max_length=160)
    begins = serializers.DateTimeField()
    owner = person()
    attendees = person(many=True, required=False)
    agenda = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text="Absent: the stage's, with what is open.",
    )
    minutes_long = serializers.IntegerField(required=False, min_value=1, max_value=1440)
    place = serializers.CharField(required=False, allow_blank=True, max_length=200)
    revision = revision()


class ActionInput(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    owner = person()
    due = serializers.DateField()


class MinutesInput(RevisionInput):
    minutes = serializers.CharField(max_length=20_000)
    actions = ActionInput(many=True, required=False, help_text="Each becomes a task.")


class MeetingViewSet(EditViewSet):
    """Reviews of a stage: who, when, what about, and what came of them."""

    selector = meetings_visible_to
    model = Meeting
    serializer_class = MeetingSerializer
    input_class = MeetingInput
    filterset_class = MeetingFilter
    ordering_fields = ["begins"]
    ordering = ["-begins"]
    actions = {
        "list": "cycle.view",
        "retrieve": "cycle.view",
        "create": "cycle.plan",
        "partial_update": "cycle.view",
        "minutes": "cycle.view",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Meeting:
        return add_meeting(actor=person, **without(data, "revision"))

    def change_by(self, person: Person, row: Meeting, revision: int, data: dict[str, Any]) -> Meeting:
        return change_meeting(actor=person, meeting=row, revision=revision, changes=without(data, "cycle"))

    @extend_schema(request=MinutesInput, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    def minutes(self, request: Request, pk: str) -> Response:
        """Write the minutes; each action becomes a task of its owner."""
        data = checked(MinutesInput, request)
        actions = [Action(**line) for line in data.pop("actions", [])]
        meeting = write_minutes(actor=person_of(request), meeting=self.get_object(), actions=actions, **data)
        return Response(MeetingSerializer(meeting).data)


class ItemSerializer(serializers.Serializer):
    """One entry of the calendar; `at` is the hour of a meeting."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=["stage", "meeting", "task", "source"])
    day = serializers.DateField()
    at = serializers.DateTimeField(allow_null=True)
    title = serializers.CharField()
    who = serializers.CharField()
    state = serializers.CharField()
    url = serializers.CharField()


class CalendarInput(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()


class CalendarView(APIView):
    """What is due and who meets, from the first to the last day."""

    permission_classes = [DeclaredAction]
    actions = {"get": "cycle.view"}

    @extend_schema(
        operation_id="calendar_list",
        parameters=[
            OpenApiParameter("first", dt.date, required=True),
            OpenApiParameter("last", dt.date, required=True),
        ],
        responses=ItemSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        serializer = CalendarInput(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        first, last = serializer.validated_data["first"], serializer.validated_data["last"]
        if not 0 <= (last - first).days <= LONGEST:
            text = f"The last day lies at most {LONGEST} days after the first. Ask for less at once."
            raise Invalid(Reason(text, "invalid", "last"))
        return Response(ItemSerializer(items_between(person_of(request), first, last), many=True).data)
