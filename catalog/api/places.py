"""Markets, demand units, sites and resources."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import MasterViewSet, NamedInput, RevisionInput, code, code_of
from catalog.filters import DemandUnitFilter, MarketFilter, ResourceFilter, SiteFilter
from catalog.models import DemandUnit, Market, MarketKind, Resource, Site, SiteKind
from catalog.selectors import (
    calendars_visible_to,
    currencies_visible_to,
    demand_units_visible_to,
    markets_visible_to,
    products_visible_to,
    resources_visible_to,
    sites_visible_to,
)
from core.roles import can

RESOURCE_COSTS = ("regular_cost", "overtime_cost")


class MarketSerializer(serializers.ModelSerializer):
    parent, currency, calendar = code(), code(), code()

    class Meta:
        model = Market
        fields = ["id", "revision", "code", "name", "kind", "parent", "currency", "calendar"]


class MarketInput(NamedInput):
    kind = serializers.ChoiceField(choices=MarketKind.choices, required=False)
    parent = code_of(markets_visible_to, required=False, allow_null=True)
    currency = code_of(currencies_visible_to, required=False, allow_null=True)
    calendar = code_of(calendars_visible_to, required=False, allow_null=True)


class MarketViewSet(MasterViewSet):
    """The tree of places and channels in which demand is planned."""

    model = Market
    selector = markets_visible_to
    serializer_class = MarketSerializer
    input_class = MarketInput
    filterset_class = MarketFilter
    ordering_fields = ["code", "name", "kind"]


class DemandUnitSerializer(serializers.ModelSerializer):
    product, market = code(), code()
    product_name = serializers.CharField(source="product.name", read_only=True)
    market_name = serializers.CharField(source="market.name", read_only=True)
    family = serializers.CharField(source="product.family.code", read_only=True)

    class Meta:
        model = DemandUnit
        fields = ["id", "revision", "product", "product_name", "family", "market", "market_name", "is_active"]


class DemandUnitInput(RevisionInput):
    product = code_of(products_visible_to)
    market = code_of(markets_visible_to)
    is_active = serializers.BooleanField(required=False)


class DemandUnitViewSet(MasterViewSet):
    """Product × market: what is forecast and planned."""

    model = DemandUnit
    selector = demand_units_visible_to
    serializer_class = DemandUnitSerializer
    input_class = DemandUnitInput
    filterset_class = DemandUnitFilter
    ordering_fields = ["product__code", "market__code", "is_active"]
    ordering = ["product__code", "market__code"]


class SiteSerializer(serializers.ModelSerializer):
    market, calendar = code(), code()

    class Meta:
        model = Site
        fields = ["id", "revision", "code", "name", "kind", "market", "calendar"]


class SiteInput(NamedInput):
    kind = serializers.ChoiceField(choices=SiteKind.choices, required=False)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    calendar = code_of(calendars_visible_to, required=False, allow_null=True)


class SiteViewSet(MasterViewSet):
    """Where things are made or kept."""

    model = Site
    selector = sites_visible_to
    serializer_class = SiteSerializer
    input_class = SiteInput
    filterset_class = SiteFilter
    ordering_fields = ["code", "name", "kind"]


class ResourceSerializer(serializers.ModelSerializer):
    """Costs are left out for callers who may not see costs."""

    site = code()

    class Meta:
        model = Resource
        fields = ["id", "revision", "code", "name", "site", "unit", *RESOURCE_COSTS]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request and not can(request.user, "catalog.costs"):
            for name in RESOURCE_COSTS:
                fields.pop(name)
        return fields


class ResourceInput(NamedInput):
    site = code_of(sites_visible_to)
    unit = serializers.CharField(max_length=20, required=False)
    regular_cost = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=0, required=False, allow_null=True
    )
    overtime_cost = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=0, required=False, allow_null=True
    )


class ResourceViewSet(MasterViewSet):
    """Lines, machines and teams whose capacity is planned."""

    model = Resource
    selector = resources_visible_to
    serializer_class = ResourceSerializer
    input_class = ResourceInput
    filterset_class = ResourceFilter
