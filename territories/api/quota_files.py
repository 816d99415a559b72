"""Quotas by file, by API."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.uploads import small_enough
from territories.selectors.quotas import plans_visible_to
from territories.services.quota_files import import_quotas


class QuotaFileInput(serializers.Serializer):
    file = serializers.FileField(
        validators=[small_enough], help_text="CSV in UTF-8, as on the page of the import."
    )


class StoredQuotasSerializer(serializers.Serializer):
    """What came of a file of quotas."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    total = serializers.DecimalField(30, 4, help_text="The sum of the file, in base currency.")


class QuotaFileView(APIView):
    """Quotas from a CSV file."""

    permission_classes = [DeclaredAction]
    parser_classes = [MultiPartParser]
    actions: ClassVar[dict[str, str]] = {"post": "quotas.plan"}

    @extend_schema(operation_id="quota_file", request=QuotaFileInput, responses=StoredQuotasSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Store the rows of a file in a draft, all of them or none. Columns: rep or territory, month or
        quarter, amount. 400 with a sentence for every bad row, 409 where the plan is no draft."""
        plan = get_object_or_404(plans_visible_to(person_of(request)), pk=pk)
        sent = QuotaFileInput(data=request.data)
        sent.is_valid(raise_exception=True)
        file = sent.validated_data["file"]
        stored = import_quotas(actor=person_of(request), plan=plan, name=file.name, data=file.read())
        return Response(StoredQuotasSerializer(stored).data)
