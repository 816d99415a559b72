"""Reconciling with a CRM's export by API: bring the file, read what differs, repair."""

from typing import Any

import django_filters
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from crm.engine.exports import LABELS, DayOrder
from crm.filters.inbox import DifferenceFilter
from crm.models import Difference, DifferenceKind, Reconciliation
from crm.selectors.reconciliation import differences_visible_to, reconciliations_visible_to
from crm.services.reconciliation import (
    MOST_AT_ONCE,
    add_export,
    compare,
    leave_differences,
    repair_all,
    repair_differences,
)

VIEW, REPAIR = "hooks.view", "hooks.replay"


class CrmReconciliationSerializer(serializers.ModelSerializer):
    source = serializers.CharField(help_text="The CRM.")  # type: ignore[assignment]
    started_by = serializers.CharField(source="started_by.email", default=None, allow_null=True)
    differences = serializers.IntegerField(source="found", read_only=True)
    open = serializers.IntegerField(source="waiting", read_only=True)

    class Meta:
        model = Reconciliation
        fields = [
            *(
                "id",
                "source",
                "file_name",
                "columns",
                "as_of",
                "is_whole",
                "rows",
                "equal",
                "newer",
                "faults",
            ),
            *("job", "started_by", "started", "compared", "differences", "open"),
        ]


class ExportInput(serializers.Serializer):
    source = serializers.SlugField(max_length=60)  # type: ignore[assignment]
    file = serializers.FileField()
    columns = serializers.JSONField(
        required=False, help_text="Our field: the heading of its column. Left out: guessed by the headings."
    )
    as_of = serializers.DateTimeField(required=False, help_text="When the CRM wrote it. Left out: now.")
    days = serializers.ChoiceField(choices=[(one.value, one.value) for one in DayOrder], required=False)
    is_whole = serializers.BooleanField(required=False, default=True)

    def validate_columns(self, value: Any) -> dict[str, str]:
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return value
        names = ", ".join(LABELS)
        raise serializers.ValidationError(f"Send an object: field → heading. The fields are {names}.")


class DifferenceSerializer(serializers.ModelSerializer):
    changes = serializers.JSONField(source="fields", read_only=True, help_text="Field: theirs, means, ours.")
    settled_by = serializers.CharField(source="settled_by.email", default=None, allow_null=True)

    class Meta:
        model = Difference
        fields = [
            *(
                "id",
                "reconciliation",
                "kind",
                "external_id",
                "deal",
                "name",
                "amount",
                "changes",
                "state",
                "error",
                "reason",
            ),
            *("settled", "settled_by"),
        ]


IDS = serializers.ListField(
    child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=MOST_AT_ONCE
)


class RepairDealsInput(serializers.Serializer):
    ids = IDS


class LeaveDealsInput(serializers.Serializer):
    ids = IDS
    reason = serializers.CharField(max_length=300)


class RepairAllInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=DifferenceKind.choices, required=False)


class DealsSerializer(serializers.Serializer):
    deals = serializers.IntegerField()


class RepairJobSerializer(serializers.Serializer):
    job = serializers.IntegerField(help_text="Ask /api/v1/jobs/ how far it is.")


class ReconciliationViewSet(ReadViewSet):
    """Exports of CRMs compared with the deals here. A POST stores the file and answers 202 with its job."""

    selector = reconciliations_visible_to
    model = Reconciliation
    serializer_class = CrmReconciliationSerializer
    filterset_fields = ["source"]
    ordering_fields = ["id", "started"]
    ordering = ["-id"]
    actions = {
        **dict.fromkeys(("list", "retrieve"), VIEW),
        **dict.fromkeys(("create", "repair", "repair_all", "leave"), REPAIR),
    }

    def get_parsers(self) -> list[Any]:
        uploads = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser(), FormParser()] if uploads else super().get_parsers()

    @extend_schema(request={"multipart/form-data": ExportInput}, responses={202: CrmReconciliationSerializer})
    def create(self, request: Request) -> Response:
        """Compare an export of a CRM with what is here."""
        told = checked(ExportInput, request)
        file, source, person = told.pop("file"), told.pop("source"), person_of(request)
        with transaction.atomic():
            row = add_export(actor=person, source=source, file=file, file_name=file.name)
            told.setdefault("columns", row.columns["fields"])
            compare(actor=person, reconciliation=row, **told)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=202)

    @extend_schema(request=RepairDealsInput, responses=DealsSerializer)
    @action(detail=True, methods=["post"])
    def repair(self, request: Request, pk: str) -> Response:
        """Make the chosen deals as the export says; says how many are. Those that cannot be say why."""
        told = checked(RepairDealsInput, request)
        row, person = self.get_object(), person_of(request)
        return Response({"deals": repair_differences(actor=person, reconciliation=row, keys=told["ids"])})

    @extend_schema(request=RepairAllInput, responses={202: RepairJobSerializer})
    @action(detail=True, methods=["post"], url_path="repair-all", url_name="repair-all")
    def repair_all(self, request: Request, pk: str) -> Response:
        """Repair everything that is open, or all of one kind, as a job."""
        told = checked(RepairAllInput, request)
        job = repair_all(actor=person_of(request), reconciliation=self.get_object(), **told)
        return Response({"job": job.pk}, status=202)

    @extend_schema(request=LeaveDealsInput, responses=DealsSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Leave the chosen deals as they are, with a reason."""
        told = checked(LeaveDealsInput, request)
        row, person = self.get_object(), person_of(request)
        left = leave_differences(actor=person, reconciliation=row, keys=told["ids"], reason=told["reason"])
        return Response({"deals": left})


def checked(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """What was sent, in the shape that is asked for."""
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class DifferencesFilter(DifferenceFilter):
    reconciliation = django_filters.NumberFilter(label="Reconciliation")


class DifferenceViewSet(ReadViewSet):
    """Deals that exports and this system do not agree on, the most money first."""

    selector = differences_visible_to
    model = Difference
    serializer_class = DifferenceSerializer
    filterset_class = DifferencesFilter
    ordering_fields = ["id", "amount"]
    ordering = ["-amount", "id"]
    actions = {"list": VIEW, "retrieve": VIEW}
