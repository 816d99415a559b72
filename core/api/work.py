"""Events, jobs, notifications, comments and company settings by API."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core import subjects
from core.access import person_of
from core.api import serializers as shapes
from core.api.viewsets import EditViewSet, ReadViewSet
from core.company_settings import SETTINGS
from core.errors import Invalid, Reason
from core.filters import EventFilter
from core.jobs import ask_to_cancel, retry
from core.models import Comment, Event, Job, Notification
from core.selectors.company import setting_shown, settings_shown
from core.selectors.events import events_visible_to
from core.selectors.jobs import jobs_visible_to
from core.selectors.messages import comments_about, comments_by, notifications_of
from core.services import change_setting, delete_comment, edit_comment, mark_read, write_comment


class EventViewSet(ReadViewSet):
    """The event log, newest first. It cannot be changed."""

    model = Event
    selector = events_visible_to
    serializer_class = shapes.EventSerializer
    filterset_class = EventFilter
    ordering_fields = ["id", "at"]
    ordering = ["-id"]
    actions = {"list": "events.view", "retrieve": "events.view"}


class JobViewSet(ReadViewSet):
    """Background jobs: ask here how far an import is."""

    model = Job
    selector = jobs_visible_to
    filterset_fields = {"state": ["exact"], "kind": ["exact"]}
    ordering_fields = ["id", "created", "finished"]
    ordering = ["-id"]
    actions = {
        "list": "jobs.view",
        "retrieve": "jobs.view",
        "cancel": "jobs.cancel",
        "retry": "jobs.cancel",
    }

    def get_queryset(self) -> QuerySet:
        jobs = super().get_queryset()
        return jobs if self.action == "list" else jobs.defer(None)

    def get_serializer_class(self) -> Any:
        return shapes.JobListSerializer if self.action == "list" else shapes.JobSerializer

    @extend_schema(request=None, responses=shapes.JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """Cancel a waiting job at once, a running one at its next step."""
        job = ask_to_cancel(actor=person_of(request), job=self.get_object())
        return Response(shapes.JobSerializer(job).data)

    @extend_schema(request=None, responses={201: shapes.JobSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, **kwargs: Any) -> Response:
        """Start the work of a failed or cancelled job again, as a new job."""
        job = retry(actor=person_of(request), job=self.get_object())
        return Response(shapes.JobSerializer(job).data, status=201)


class NotificationViewSet(ReadViewSet):
    """Your own notifications, newest first."""

    model = Notification
    selector = notifications_of
    serializer_class = shapes.NotificationSerializer
    ordering_fields = ["id"]
    ordering = ["-id"]
    actions = dict.fromkeys(("list", "retrieve", "read", "read_all"), "account.own")

    @extend_schema(request=None, responses=shapes.CountSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, **kwargs: Any) -> Response:
        """Mark one as read."""
        row = self.get_object()
        return Response({"marked": mark_read(actor=person_of(request), notification_id=row.pk)})

    @extend_schema(request=None, responses=shapes.CountSerializer)
    @action(detail=False, methods=["post"], url_path="read-all", url_name="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        return Response({"marked": mark_read(actor=person_of(request))})


ABOUT = [
    OpenApiParameter("subject_type", str, required=True, description="Such as catalog.product."),
    OpenApiParameter("subject_id", str, required=True, description="The object's id."),
]


class CommentViewSet(EditViewSet):
    """Comments on one object; your own can be changed and deleted."""

    model = Comment
    selector = comments_by
    serializer_class = shapes.CommentSerializer
    input_class = shapes.CommentInput
    ordering_fields = ["id"]
    actions = {
        "list": "comments.write",
        "retrieve": "comments.write",
        "create": "comments.write",
        "partial_update": "comments.write",
        "destroy": "comments.write",
    }

    def get_serializer_class(self) -> Any:
        return shapes.CommentChange if self.action == "partial_update" else super().get_serializer_class()

    @extend_schema(parameters=ABOUT)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The comments on one object, oldest first; deleted ones without their text."""
        return super().list(request, *args, **kwargs)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.action != "list":
            return super().filter_queryset(queryset)
        asked = self.request.query_params
        if "subject_type" not in asked or "subject_id" not in asked:
            raise Invalid(Reason("Say which object: subject_type and subject_id.", "required", "subject_id"))
        _, row = subjects.find(self.request.user, asked["subject_type"], asked["subject_id"])
        return super().filter_queryset(comments_about(row).filter(deleted=None))

    @extend_schema(request=shapes.CommentInput, responses={201: shapes.CommentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def create_by(self, person: Any, data: dict[str, Any]) -> Comment:
        return write_comment(actor=person, **data)

    @extend_schema(request=shapes.CommentChange, responses=shapes.CommentSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        sent = shapes.CommentChange(data=request.data)
        sent.is_valid(raise_exception=True)
        comment = edit_comment(actor=person_of(request), comment=self.get_object(), **sent.validated_data)
        return Response(shapes.CommentSerializer(comment).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete your own comment; others see that there was one."""
        delete_comment(actor=person_of(request), comment=self.get_object())
        return Response(status=204)


class SettingViewSet(ViewSet):
    """Company settings: what holds today."""

    lookup_field = "key"
    lookup_value_regex = "[a-z_]+"
    actions = {"list": "settings.view", "retrieve": "settings.view", "partial_update": "settings.manage"}

    @extend_schema(responses=shapes.SettingSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(shapes.SettingSerializer(settings_shown(), many=True).data)

    @extend_schema(responses=shapes.SettingSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        return Response(self._shown(key))

    @extend_schema(request=shapes.SettingInput, responses=shapes.SettingSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Set a value; a dated one from `from_day` on."""
        self._shown(key)
        sent = shapes.SettingInput(data=request.data)
        sent.is_valid(raise_exception=True)
        change_setting(actor=person_of(request), key=key, **sent.validated_data)
        return Response(self._shown(key))

    def _shown(self, key: str) -> Any:
        if key not in SETTINGS:
            raise Http404(f"There is no setting {key!r}.")
        return shapes.SettingSerializer(setting_shown(SETTINGS[key])).data
