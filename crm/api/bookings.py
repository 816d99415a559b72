"""Bookings by API: won deals by line, for quotas and pay."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.filters.bookings import BookingFilter
from crm.models import Deal
from crm.selectors.bookings import bookings_of, by_rep_and_month, won_deals


def amount_of(what: str) -> Any:
    return serializers.DecimalField(18, 4, allow_null=True, help_text=what)


class BookingSerializer(serializers.Serializer):
    deal = serializers.IntegerField(help_text="The deal's id here.")
    deal_id = serializers.CharField(help_text="The deal's id in its CRM.")
    deal_name = serializers.CharField()
    crm = serializers.CharField()
    line = serializers.IntegerField(allow_null=True, help_text="Its position; null for a deal without lines.")
    day = serializers.DateField()
    month = serializers.DateField()
    rep_code = serializers.CharField(allow_null=True)
    team_code = serializers.CharField(allow_null=True, help_text="The rep's team on that day.")
    account_code = serializers.CharField(allow_null=True)
    product_code = serializers.CharField(allow_null=True)
    quantity = amount_of("In the product's unit.")
    money = amount_of("In the deal's currency.")
    currency_code = serializers.CharField(allow_null=True)
    base_money = amount_of("In base currency, at the rate of the month in which the deal closed.")


class BookedSerializer(serializers.Serializer):
    month = serializers.DateField()
    rep_code = serializers.CharField(allow_null=True)
    rep_name = serializers.CharField(allow_null=True)
    deals = serializers.IntegerField()
    base_money = serializers.DecimalField(18, 4)
    without_rate = serializers.IntegerField(help_text="Deals whose currency has no rate yet.")


class BookingViewSet(GenericViewSet):
    """Bookings: one for each line of a won deal. The parts of a deal add up to it exactly."""

    queryset = Deal.objects.none()
    serializer_class = BookingSerializer
    filterset_class = BookingFilter
    actions = {"list": "deals.view", "by_rep": "deals.view"}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Deal.objects.none()
        return won_deals(self.request.user)  # type: ignore[arg-type]

    def list(self, request: Request) -> Response:
        """Bookings in the order of their days."""
        rows = bookings_of(self.filter_queryset(self.get_queryset())).order_by("day", "deal", "line")
        return self.get_paginated_response(BookingSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(responses=BookedSerializer(many=True))
    @action(detail=False, url_path="by-rep", pagination_class=None)
    def by_rep(self, request: Request) -> Response:
        """What each rep booked in each month."""
        rows = by_rep_and_month(self.filter_queryset(self.get_queryset()))
        return Response(BookedSerializer(rows, many=True).data)
