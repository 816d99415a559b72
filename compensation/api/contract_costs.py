"""Contract costs by API: the roll-forward, what is left by deal, the terms of contracts."""

import datetime as dt
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from catalog.engine.months import months_apart
from compensation.api import cost_shapes as shapes
from compensation.api.disputes import MONTHS, asked_months
from compensation.forms.contract_costs import AtMonthForm
from compensation.models import ContractMonth, ContractTerm
from compensation.selectors.contract_costs import (
    contract_terms_visible_to,
    costs_by_deal,
    costs_of_deal,
    deal_costs,
    deals_with_costs,
    newest_closed_month,
    roll_forwards,
)
from compensation.selectors.selling_costs import selling_costs
from compensation.services.contract_costs import set_contract_term
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import ReadViewSet
from core.errors import Invalid
from core.forms import reasons_of

VIEW, SAY = "pay.cost", "pay.plan"
AT = [OpenApiParameter("month", OpenApiTypes.DATE, description="Any day of it; the newest locked month.")]


def asked_month(request: Request) -> dt.date:
    """The month asked for, else the newest locked one. Raises Invalid."""
    form = AtMonthForm(request.query_params)
    if not form.is_valid():
        raise Invalid(*reasons_of(form))
    return form.cleaned_data["month"] or newest_closed_month() or dt.date.max.replace(day=1)


class CostView(APIView):
    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": VIEW}


class ContractCostsView(CostView):
    """The roll-forward of contract costs."""

    @extend_schema(
        operation_id="contract_costs",
        parameters=MONTHS,
        responses=shapes.ContractCostsSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Opening, added, taken back, amortised, written off and closing of each month, by currency."""
        first, last = asked_months(request)
        found = roll_forwards(person_of(request), first, months_apart(first, last) + 1)
        return Response(shapes.ContractCostsSerializer(found, many=True).data)


class ContractDealsViewSet(GenericViewSet):
    """What is left of each deal's cost."""

    queryset = ContractMonth.objects.none()
    serializer_class = shapes.DealCostsSerializer
    actions: ClassVar[dict[str, str]] = {"list": VIEW}

    @extend_schema(
        operation_id="contract_costs_by_deal",
        parameters=AT,
        responses=shapes.DealCostsSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """Deals with something left at the end of a month or moved in it: what was paid for each and what is
        left, the most first. Months that are not locked yet follow the newest that is."""
        month = asked_month(request)
        page: Any = self.paginate_queryset(costs_by_deal(person_of(request), month))
        rows = shapes.DealCostsSerializer(deal_costs(page, month), many=True).data
        return self.get_paginated_response(rows)


class ContractDealView(CostView):
    """One deal's cost, and its term."""

    actions: ClassVar[dict[str, str]] = {"get": VIEW, "put": SAY}

    @extend_schema(
        operation_id="contract_costs_of_deal",
        parameters=AT,
        responses=shapes.DealCostsInFull(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """What each month did to the cost of one deal, by currency."""
        person = person_of(request)
        deal = get_object_or_404(deals_with_costs(person), pk=pk)
        found = costs_of_deal(person, deal, asked_month(request))
        return Response(shapes.DealCostsInFull(found, many=True).data)

    @extend_schema(
        operation_id="contract_term_set",
        request=shapes.ContractTermInput,
        responses=shapes.ContractTermSerializer,
    )
    def put(self, request: Request, pk: int) -> Response:
        """Say how long the deal's contract lasts, what renewals add, and when it ended early."""
        sent = shapes.ContractTermInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data: dict[str, Any] = {"revision": None, "ended": None, **sent.validated_data}
        if data["ended"]:
            data["ended"] = data["ended"].replace(day=1)
        deal = get_object_or_404(deals_with_costs(person_of(request)), pk=pk)
        row = set_contract_term(actor=person_of(request), deal=deal, **data)
        return Response(shapes.ContractTermSerializer(row).data)


class SellingCostsView(CostView):
    """What selling costs."""

    @extend_schema(operation_id="cost_of_selling", parameters=MONTHS, responses=shapes.SellingCostsSerializer)
    def get(self, request: Request) -> Response:
        """Approved pay against bookings and revenue: by month, plan, team, role and component."""
        found = selling_costs(person_of(request), *asked_months(request))
        return Response(shapes.SellingCostsSerializer(found).data)


class ContractTermViewSet(ReadViewSet):
    """Contracts whose term differs from the company's usual one."""

    model = ContractTerm
    selector = contract_terms_visible_to
    serializer_class = shapes.ContractTermSerializer
    filterset_fields = ["deal"]
    ordering_fields = ["deal", "ended"]
    ordering = ["deal"]
    actions = {"list": VIEW, "retrieve": VIEW}
