"""Findings by API: read, check now, waive, take back, give away."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from core.models import Person
from gathering.filters import IssueFilter
from gathering.models import QualityIssue
from gathering.pipeline.quality import rows_behind
from gathering.selectors.quality import issues_visible_to
from gathering.services.quality import assign_issues, reopen_issue, run_quality_checks, waive_issues


class IssueSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="owner.email", default=None, allow_null=True, read_only=True)
    waived_by = serializers.EmailField(
        source="waived_by.email", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = QualityIssue
        fields = [
            *("id", "rule", "severity", "state", "dataset", "subject", "message", "advice", "money", "rows"),
            *("month", "product", "demand_unit", "run", "owner", "waived_by", "reason"),
            *("first_seen", "last_seen", "revision"),
        ]


class JobStarted(serializers.Serializer):
    job = serializers.IntegerField()


class ReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class WaiveInput(ReasonInput):
    issues = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=1000)


class AssignInput(serializers.Serializer):
    issues = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=1000)
    owner = serializers.SlugRelatedField(slug_field="email", queryset=Person.objects.filter(is_active=True))


class IssueViewSet(ReadViewSet):
    """Findings of the quality rules, the blocking and the dear ones first."""

    selector = issues_visible_to
    model = QualityIssue
    serializer_class = IssueSerializer
    filterset_class = IssueFilter
    ordering_fields = ["money", "rows", "first_seen", "severity"]
    ordering = ["rank", "-money"]
    actions = {
        "list": "quality.view",
        "retrieve": "quality.view",
        "rows": "quality.view",
        "check": "quality.check",
        "waive": "quality.waive",
        "reopen": "quality.waive",
        "assign": "quality.assign",
    }

    @extend_schema(responses={200: {"type": "array", "items": {"type": "object"}}}, filters=False)
    @action(detail=True, pagination_class=None)
    def rows(self, request: Request, pk: str) -> Response:
        """The rows behind a finding."""
        return Response(rows_behind(self.get_object())[1])

    @extend_schema(request=None, responses={202: JobStarted})
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Run all rules over all data, as a job."""
        return Response({"job": run_quality_checks(actor=person_of(request)).pk}, status=202)

    @extend_schema(request=WaiveInput, responses=IssueSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def waive(self, request: Request) -> Response:
        """Waive findings with one reason: all or none."""
        data = _checked(WaiveInput, request)
        found = waive_issues(actor=person_of(request), issues=data["issues"], reason=data["reason"])
        return Response(IssueSerializer(found, many=True).data)

    @extend_schema(request=ReasonInput, responses=IssueSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a waiver back."""
        data = _checked(ReasonInput, request)
        issue = self.get_object()
        done = reopen_issue(actor=person_of(request), issue=issue.pk, reason=data["reason"])
        return Response(IssueSerializer(done).data)

    @extend_schema(request=AssignInput, responses=IssueSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def assign(self, request: Request) -> Response:
        """Give findings to somebody."""
        data = _checked(AssignInput, request)
        found = assign_issues(actor=person_of(request), issues=data["issues"], owner=data["owner"])
        return Response(IssueSerializer(found, many=True).data)


def _checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
