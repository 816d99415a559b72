"""The design studio by API: plans tried on a year that was."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compensation.api import study_shapes as shapes
from compensation.filters.studies import StudyFilter
from compensation.models import Study
from compensation.selectors.studies import job_of, studies_visible_to
from compensation.services.studies import again, start_study
from core.access import person_of
from core.api.serializers import JobSerializer
from core.api.viewsets import ReadViewSet

VIEW, PLAN = "pay.plans", "pay.plan"


class StudyViewSet(ReadViewSet):
    """Studies: a version paid on twelve months that are over, beside another, at every attainment, by chance.

    Written once: what is tried again is a study of its own.
    """

    model = Study
    selector = studies_visible_to
    serializer_class = shapes.StudySerializer
    filterset_class = StudyFilter
    ordering_fields = ["made", "first_month"]
    ordering = ["-made"]
    actions = {"list": VIEW, "retrieve": VIEW, "create": PLAN, "again": PLAN}

    def get_serializer_class(self) -> Any:
        return shapes.StudyDetailSerializer if self.action == "retrieve" else self.serializer_class

    @extend_schema(request=shapes.StudyInput, responses={202: JobSerializer})
    def create(self, request: Request) -> Response:
        """Try a version: 202 with the job, whose `params` or `subject_url` name the study."""
        sent = shapes.StudyInput(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return _accepted(start_study(actor=person_of(request), **sent.validated_data))

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """The same once more on today's terms, people, quotas and credits: 202 with the job."""
        return _accepted(again(actor=person_of(request), study=self.get_object()))


def _accepted(study: Study) -> Response:
    return Response(JobSerializer(job_of(study)).data, status=202)
