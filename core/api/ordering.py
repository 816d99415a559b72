"""Sorting in the API."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class StableOrdering(OrderingFilter):
    """`?ordering=-month`, always ending with the key, so that pages never overlap."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: "APIView") -> QuerySet:
        ordering: list[Any] = list(self.get_ordering(request, queryset, view) or [])
        if "pk" not in {str(name).lstrip("-") for name in ordering}:
            ordering.append("pk")
        return queryset.order_by(*ordering)
