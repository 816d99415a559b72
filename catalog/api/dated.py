"""Prices, costs, bills of capacity and of material."""

from rest_framework import serializers

from catalog.api.base import DatedViewSet, TermInput, TermSerializer, code, code_of
from catalog.filters import BillOfMaterialsFilter, CapacityUseFilter, CostFilter, PriceFilter
from catalog.models import BillOfMaterials, CapacityUse, Cost, Price
from catalog.selectors import (
    bills_of_materials_visible_to,
    capacity_uses_visible_to,
    costs_visible_to,
    currencies_visible_to,
    markets_visible_to,
    prices_visible_to,
    products_visible_to,
    resources_visible_to,
    sites_visible_to,
)


class PriceSerializer(TermSerializer):
    product, market, currency = code(), code(), code()

    class Meta:
        model = Price
        fields = ["id", "revision", "product", "market", "currency", "amount", "valid_from", "valid_to"]


class PriceInput(TermInput):
    product = code_of(products_visible_to)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    currency = code_of(currencies_visible_to)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4)


class PriceViewSet(DatedViewSet):
    """What a product is sold for, in one market or everywhere."""

    model = Price
    selector = prices_visible_to
    serializer_class = PriceSerializer
    input_class = PriceInput
    filterset_class = PriceFilter


class CostSerializer(TermSerializer):
    product, site, currency = code(), code(), code()

    class Meta:
        model = Cost
        fields = ["id", "revision", "product", "site", "currency", "amount", "valid_from", "valid_to"]


class CostInput(TermInput):
    product = code_of(products_visible_to)
    site = code_of(sites_visible_to, required=False, allow_null=True)
    currency = code_of(currencies_visible_to)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4)


class CostViewSet(DatedViewSet):
    """What one unit of a product costs, at one site or everywhere."""

    model = Cost
    actions = DatedViewSet.actions | {"list": "catalog.costs", "retrieve": "catalog.costs"}
    selector = costs_visible_to
    serializer_class = CostSerializer
    input_class = CostInput
    filterset_class = CostFilter


class CapacityUseSerializer(TermSerializer):
    product, resource = code(), code()

    class Meta:
        model = CapacityUse
        fields = ["id", "revision", "product", "resource", "per_unit", "valid_from", "valid_to"]


class CapacityUseInput(TermInput):
    product = code_of(products_visible_to)
    resource = code_of(resources_visible_to)
    per_unit = serializers.DecimalField(max_digits=18, decimal_places=8)


class CapacityUseViewSet(DatedViewSet):
    """What one unit of a product takes of a resource."""

    model = CapacityUse
    selector = capacity_uses_visible_to
    serializer_class = CapacityUseSerializer
    input_class = CapacityUseInput
    filterset_class = CapacityUseFilter


class BillOfMaterialsSerializer(TermSerializer):
    product, component = code(), code()

    class Meta:
        model = BillOfMaterials
        fields = ["id", "revision", "product", "component", "quantity", "valid_from", "valid_to"]


class BillOfMaterialsInput(TermInput):
    product = code_of(products_visible_to)
    component = code_of(products_visible_to)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=8)


class BillOfMaterialsViewSet(DatedViewSet):
    """How much of a component goes into one product."""

    model = BillOfMaterials
    selector = bills_of_materials_visible_to
    serializer_class = BillOfMaterialsSerializer
    input_class = BillOfMaterialsInput
    filterset_class = BillOfMaterialsFilter
