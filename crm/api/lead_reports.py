"""What leads cost and became, and the agreement with marketing, by API."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from core.years import SPAN, YEARS
from crm.selectors.lead_reports import (
    AgreedMonth,
    Outcome,
    Period,
    agreed_months,
    altogether,
    by_reason,
    by_source,
    last_months,
)

VIEW = "leads.view"


def _share(**options: Any) -> Any:
    return serializers.FloatField(allow_null=True, **options)


class LeadOutcomeSerializer(serializers.Serializer):
    """Shares are 0 to 1; response in working hours and lag in days (medians); money in base currency."""

    code = serializers.CharField(help_text="Of the source; empty for all of them.")
    name = serializers.CharField()
    leads = serializers.IntegerField()
    answered = serializers.IntegerField()
    in_time = serializers.IntegerField()
    in_time_share = _share()
    disqualified = serializers.IntegerField()
    qualified = serializers.IntegerField()
    converted = serializers.IntegerField()
    conversion = _share()
    response = _share()
    lag = _share()
    cost = serializers.DecimalField(18, 4)
    cost_per_lead = serializers.DecimalField(18, 4, allow_null=True)
    cost_per_deal = serializers.DecimalField(18, 4, allow_null=True)
    won = serializers.DecimalField(18, 4)


class LeadReasonSerializer(serializers.Serializer):
    reason = serializers.CharField()
    leads = serializers.IntegerField()


class LeadReportSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    total = LeadOutcomeSerializer()
    sources = LeadOutcomeSerializer(many=True)
    disqualified = LeadReasonSerializer(many=True)


class LeadAgreedMonthSerializer(serializers.Serializer):
    """A month of the agreement; delivered are leads that arrived and were not disqualified."""

    month = serializers.DateField()
    promised = serializers.IntegerField(source="agreement.promised", default=None, allow_null=True)
    arrived = serializers.IntegerField()
    delivered = serializers.IntegerField()
    missing = serializers.IntegerField(allow_null=True)
    in_time_percent = serializers.IntegerField(
        source="agreement.in_time_percent", default=None, allow_null=True
    )
    in_time = serializers.IntegerField()
    in_time_share = _share()
    marketing_kept = serializers.BooleanField(allow_null=True)
    sales_kept = serializers.BooleanField(allow_null=True)
    converted = serializers.IntegerField()


class PeriodInput(serializers.Serializer):
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)


PERIOD = [
    OpenApiParameter("first", dt.date, description="A day of the first month; default eleven months ago."),
    OpenApiParameter("last", dt.date, description="A day of the last month; default this one."),
]


def _period(request: Request) -> Period:
    serializer = PeriodInput(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    usual = last_months()
    first = serializer.validated_data.get("first", usual.first).replace(day=1)
    last = serializer.validated_data.get("last", usual.last).replace(day=1)
    for name, month in (("first", first), ("last", last)):
        if month.year not in YEARS:
            raise Invalid(Reason(f"Choose a day {SPAN}.", "invalid", name))
    if last < first:
        raise Invalid(Reason("The last month lies before the first.", "invalid", "last"))
    return Period(first, last)


class LeadReportView(APIView):
    """What leads cost and became, by source and by reason."""

    permission_classes = [DeclaredAction]
    actions = {"get": VIEW}

    @extend_schema(operation_id="lead_report", parameters=PERIOD, responses=LeadReportSerializer)
    def get(self, request: Request) -> Response:
        """By the months in which the leads arrived."""
        person, period = person_of(request), _period(request)
        sources: list[Outcome] = by_source(person, period)
        shown = {
            "first": period.first,
            "last": period.last,
            "total": altogether(person, period),
            "sources": sources,
            "disqualified": [{"reason": name, "leads": count} for name, count in by_reason(person, period)],
        }
        return Response(LeadReportSerializer(shown).data)


class AgreementReportView(APIView):
    """What marketing promised and delivered, and what sales answered in time."""

    permission_classes = [DeclaredAction]
    actions = {"get": VIEW}

    @extend_schema(
        operation_id="lead_agreement_report",
        parameters=PERIOD,
        responses=LeadAgreedMonthSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Month by month, the newest first."""
        months: list[AgreedMonth] = agreed_months(person_of(request), _period(request))
        return Response(LeadAgreedMonthSerializer(months, many=True).data)
