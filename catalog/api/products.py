"""Families, units, products and conversions."""

from rest_framework import serializers

from catalog.api.base import MasterViewSet, NamedInput, RevisionInput, code, code_of
from catalog.filters import ConversionFilter, FamilyFilter, NamedFilter, ProductFilter
from catalog.models import Family, LifeCycle, Product, Unit, UnitConversion
from catalog.selectors import (
    conversions_visible_to,
    families_visible_to,
    products_visible_to,
    units_visible_to,
)


class FamilySerializer(serializers.ModelSerializer):
    parent = code()

    class Meta:
        model = Family
        fields = ["id", "revision", "code", "name", "parent"]


class FamilyInput(NamedInput):
    parent = code_of(families_visible_to, required=False, allow_null=True)


class FamilyViewSet(MasterViewSet):
    """The product tree."""

    model = Family
    selector = families_visible_to
    serializer_class = FamilySerializer
    input_class = FamilyInput
    filterset_class = FamilyFilter


class UnitSerializer(serializers.ModelSerializer):
    class Meta:
        model = Unit
        fields = ["id", "revision", "code", "name"]


class UnitViewSet(MasterViewSet):
    """Units of measure."""

    model = Unit
    selector = units_visible_to
    serializer_class = UnitSerializer
    input_class = NamedInput
    filterset_class = NamedFilter


class ProductSerializer(serializers.ModelSerializer):
    family, unit, predecessor = code(), code(), code()

    class Meta:
        model = Product
        fields = [
            "id",
            "revision",
            "code",
            "name",
            "family",
            "unit",
            "life_cycle",
            "launched_on",
            "discontinued_on",
            "predecessor",
        ]


class ProductInput(NamedInput):
    family = code_of(families_visible_to)
    unit = code_of(units_visible_to)
    life_cycle = serializers.ChoiceField(choices=LifeCycle.choices, required=False)
    launched_on = serializers.DateField(required=False, allow_null=True)
    discontinued_on = serializers.DateField(required=False, allow_null=True)
    predecessor = code_of(products_visible_to, required=False, allow_null=True)


class ProductViewSet(MasterViewSet):
    """What is sold, planned and made."""

    model = Product
    selector = products_visible_to
    serializer_class = ProductSerializer
    input_class = ProductInput
    filterset_class = ProductFilter
    ordering_fields = ["code", "name", "life_cycle", "launched_on"]


class ConversionSerializer(serializers.ModelSerializer):
    product, from_unit, to_unit = code(), code(), code()

    class Meta:
        model = UnitConversion
        fields = ["id", "revision", "product", "from_unit", "to_unit", "factor"]


class ConversionInput(RevisionInput):
    product = code_of(products_visible_to, required=False, allow_null=True)
    from_unit = code_of(units_visible_to)
    to_unit = code_of(units_visible_to)
    factor = serializers.DecimalField(max_digits=18, decimal_places=8)


class ConversionViewSet(MasterViewSet):
    """How many of one unit another holds, for one product or for all."""

    model = UnitConversion
    selector = conversions_visible_to
    serializer_class = ConversionSerializer
    input_class = ConversionInput
    filterset_class = ConversionFilter
    ordering_fields = ["from_unit", "to_unit"]
    ordering = ["from_unit", "to_unit"]
