"""Statements by API, as far as the caller sees pay."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compensation.api import statement_shapes as shapes
from compensation.filters.statements import ApiLineFilter, ApiStatementFilter
from compensation.models import PayLine, Statement
from compensation.selectors.line_shares import credits_of_line
from compensation.selectors.scope import statements_visible_to
from compensation.selectors.statements import lines_visible_to
from compensation.services.statement_files import pdf_of
from core.access import person_of
from core.api.viewsets import ReadViewSet

OWN = "pay.own"


class PayStatementViewSet(ReadViewSet):
    """Statements of pay: the own ones, the team's, all. Who only sells sees them from the approval on."""

    model = Statement
    selector = statements_visible_to
    serializer_class = shapes.StatementOfPaySerializer
    filterset_class = ApiStatementFilter
    ordering_fields = ["id", "pay", "earned"]
    ordering = ["-id"]
    actions = {"list": OWN, "retrieve": OWN, "pdf": OWN}

    def get_serializer_class(self) -> Any:
        return shapes.StatementOfPayDetail if self.action == "retrieve" else self.serializer_class

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse | Response:
        """The statement on paper."""
        return HttpResponse(pdf_of(self.get_object()), content_type="application/pdf")


class PayLineViewSet(ReadViewSet):
    """Lines of statements: what was paid for what, in which tier, at which rate."""

    model = PayLine
    selector = lines_visible_to
    serializer_class = shapes.PayLineSerializer
    filterset_class = ApiLineFilter
    ordering_fields = ["id", "pay", "amount"]
    ordering = ["id"]
    actions = {"list": OWN, "retrieve": OWN, "credits": OWN}

    @extend_schema(responses=shapes.LineCreditSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def credits(self, request: Request, pk: str) -> Response:
        """What made a line about a whole period: its credits, as far as the caller sees them, each with its
        proportional share of the pay; a page of none for a line of one deal."""
        rows: Any = credits_of_line(person_of(request), self.get_object())
        page: Any = self.paginate_queryset(rows.order_by("-share", "pk"))
        return self.get_paginated_response(shapes.LineCreditSerializer(page, many=True).data)
