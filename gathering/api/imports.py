"""Imports by API: bring a file, read what is wrong with it, commit it."""

from typing import Any

import django_filters
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from gathering.datasets import DATASETS
from gathering.models import ImportProfile, ImportRun, ImportState, RowProblem
from gathering.selectors.imports import imports_visible_to, preview_of, problems_of, rejects_file
from gathering.selectors.profiles import profiles_visible_to
from gathering.services.imports import cancel_import, commit_import, retry_import, upload_file


class ImportRunSerializer(serializers.ModelSerializer):
    uploaded_by = serializers.CharField(source="uploaded_by.email", default=None, allow_null=True)
    committed_by = serializers.CharField(source="committed_by.email", default=None, allow_null=True)

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "dataset",
            "profile",
            "source",
            "file_name",
            "size",
            "state",
            "job",
            "rows_read",
            "rows_good",
            "rows_rejected",
            "rows_held",
            "rows_new",
            "rows_changed",
            "rows_unchanged",
            "error",
            "mends",
            "uploaded_by",
            "uploaded",
            "checked",
            "committed_by",
            "committed",
        ]


class RowProblemSerializer(serializers.ModelSerializer):
    class Meta:
        model = RowProblem
        fields = ["row_number", "column", "value", "problem", "advice"]


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField()
    extra_files = serializers.ListField(
        child=serializers.FileField(),
        required=False,
        help_text="Second files, named as in the profile.",
    )
    dataset = serializers.ChoiceField(choices=[(d.code, d.label) for d in DATASETS.values()])
    profile = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ImportProfile.objects.none(),
        required=False,
        allow_null=True,
        help_text="The code of a saved profile.",
    )
    definition = serializers.CharField(
        required=False, default="", trim_whitespace=False, help_text="A profile's YAML that is not saved."
    )
    source = serializers.CharField(required=False, default="", max_length=60)  # type: ignore[assignment]
    mends = serializers.PrimaryKeyRelatedField(
        queryset=ImportRun.objects.none(),
        required=False,
        allow_null=True,
        help_text="The import whose rejects these are.",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            fields["profile"].queryset = profiles_visible_to(person_of(request))  # type: ignore[attr-defined]
            fields["mends"].queryset = imports_visible_to(person_of(request))  # type: ignore[attr-defined]
        return fields


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class ImportFilter(django_filters.FilterSet):
    dataset = django_filters.ChoiceFilter(choices=[(d.code, d.label) for d in DATASETS.values()])
    state = django_filters.ChoiceFilter(choices=ImportState.choices)
    uploaded = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = ImportRun
        fields = ["source", "profile", "mends"]


class ImportViewSet(ReadViewSet):
    """Files on their way in. A POST stores the file and answers 202 with the run and its job."""

    selector = imports_visible_to
    model = ImportRun
    serializer_class = ImportRunSerializer
    filterset_class = ImportFilter
    ordering_fields = ["id", "uploaded", "committed", "rows_read"]
    ordering = ["-id"]
    actions = {
        "list": "imports.view",
        "retrieve": "imports.view",
        "create": "imports.run",
        "problems": "imports.view",
        "rejects": "imports.view",
        "preview": "imports.view",
        "commit": "imports.run",
        "cancel": "imports.run",
        "retry": "imports.run",
    }

    def get_parsers(self) -> list[Any]:
        uploads = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser(), FormParser()] if uploads else super().get_parsers()

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={202: ImportRunSerializer})
    def create(self, request: Request) -> Response:
        serializer = UploadSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        extra = {file.name: file for file in data.pop("extra_files", [])}
        run = upload_file(actor=person_of(request), file_name=data["file"].name, extra_files=extra, **data)
        return self._accepted(run)

    @extend_schema(responses=RowProblemSerializer(many=True), filters=False)
    @action(detail=True)
    def problems(self, request: Request, pk: str) -> Response:
        """Every problem, by row: what is wrong and what to do."""
        page = self.paginate_queryset(problems_of(person_of(request), self.get_object()))
        return self.get_paginated_response(RowProblemSerializer(page, many=True).data)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=True)
    def rejects(self, request: Request, pk: str) -> HttpResponseBase:
        """The rejected rows as CSV. Mend them and POST the file with `mends`."""
        run = self.get_object()
        response = StreamingHttpResponse(
            rejects_file(person_of(request), run), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="rejects-{run.pk}.csv"'
        return response

    @extend_schema(responses=OpenApiResponse(OpenApiTypes.OBJECT))
    @action(detail=True)
    def preview(self, request: Request, pk: str) -> Response:
        """What a commit would change: totals, the diff, a sample, unknown names."""
        return Response(preview_of(person_of(request), self.get_object()))

    @extend_schema(request=None, responses={202: ImportRunSerializer})
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        """Start the commit of a checked import; 409 with the reasons in any other state."""
        run = self.get_object()
        commit_import(actor=person_of(request), run=run)
        return self._accepted(self.get_object())

    @extend_schema(request=ReasonSerializer, responses=ImportRunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give an import up, with a reason."""
        serializer = ReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        cancel_import(
            actor=person_of(request), run=self.get_object(), reason=serializer.validated_data["reason"]
        )
        return Response(ImportRunSerializer(self.get_object()).data)

    @extend_schema(request=None, responses={202: ImportRunSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Read a failed import again."""
        retry_import(actor=person_of(request), run=self.get_object())
        return self._accepted(self.get_object())

    def _accepted(self, run: ImportRun) -> Response:
        return Response(ImportRunSerializer(run).data, status=202)
