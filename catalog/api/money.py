"""Currencies and month rates."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from catalog.api.base import VIEW_AND_EDIT, ReasonInput, RevisionInput, code, code_of
from catalog.filters import MonthRateFilter
from catalog.models import Currency, MonthRate
from catalog.selectors import currencies_visible_to, month_rates_visible_to
from catalog.services import add_currency, set_rate
from core.api.viewsets import EditViewSet


class CurrencySerializer(serializers.ModelSerializer):
    class Meta:
        model = Currency
        fields = ["code", "name"]


class CurrencyInput(serializers.Serializer):
    code = serializers.CharField(max_length=3)
    name = serializers.CharField(max_length=60)


class CurrencyViewSet(EditViewSet):
    """The currencies that prices and costs may be in. A currency is added, never changed."""

    model = Currency
    lookup_field = "code"
    actions = {name: VIEW_AND_EDIT[name] for name in ("list", "retrieve", "create")}
    http_method_names = ["get", "post", "head", "options"]
    selector = currencies_visible_to
    serializer_class = CurrencySerializer
    input_class = CurrencyInput
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return add_currency(actor=person, **data)


class MonthRateSerializer(serializers.ModelSerializer):
    currency = code()

    class Meta:
        model = MonthRate
        fields = ["id", "revision", "currency", "month", "rate"]


class MonthRateInput(ReasonInput, RevisionInput):
    currency = code_of(currencies_visible_to)
    month = serializers.DateField(help_text="The first day of the month.")
    rate = serializers.DecimalField(max_digits=18, decimal_places=8)


class MonthRateViewSet(EditViewSet):
    """What one unit of a currency is worth in the company's base currency, month by month."""

    model = MonthRate
    actions = VIEW_AND_EDIT
    selector = month_rates_visible_to
    serializer_class = MonthRateSerializer
    input_class = MonthRateInput
    filterset_class = MonthRateFilter
    ordering_fields = ["currency", "month"]
    ordering = ["currency", "month"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return set_rate(actor=person, **data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        asked = {"rate": row.rate} | data | {"currency": row.currency, "month": row.month}
        return set_rate(actor=person, revision=revision, **asked)
