"""How deals are narrowed, the same on the page and in the API. Rows are named by code."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, code_filter, family_filter, market_filter
from crm.models import Deal, DealLine, ForecastCategory, StageKind
from crm.selectors.accounts import reps_below, reps_visible_to
from crm.selectors.deals import LIVE, deal_stages_visible_to

LIVES = (("live", "Live"), ("dead", "Deleted or merged"), ("all", "All"))


@extend_schema_field(OpenApiTypes.STR)
class BossFilter(django_filters.ModelChoiceFilter):
    """The deals of a rep and of everybody below."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs if value is None else qs.filter(rep__in=reps_below([value.pk]))


def _typed(field: str, label: str) -> django_filters.CharFilter:
    """A filter that addresses and programs use: pages show it only where it narrows."""
    return django_filters.CharFilter(field_name=field, label=label, widget=forms.HiddenInput)


class DealFilter(django_filters.FilterSet):
    """Deals that were deleted or merged are shown where `life` or `external_id` asks for them."""

    search = django_filters.CharFilter(label="Search", method="of_text")
    stage = code_filter("stage", "Stage", deal_stages_visible_to)
    kind = django_filters.ChoiceFilter(label="State", field_name="stage__kind", choices=StageKind.choices)
    rep = code_filter("rep", "Owner", reps_visible_to)
    below = BossFilter(
        label="Of the reps of",
        queryset=choices_of(reps_visible_to),
        to_field_name="code",
        widget=forms.HiddenInput,
    )
    account = _typed("account__code", "Account code")
    family = family_filter("product__family")
    product = _typed("product__code", "Product code")
    market = market_filter("account__market")
    category = django_filters.ChoiceFilter(label="Forecast category", choices=ForecastCategory.choices)
    source = _typed("source", "CRM")
    external_id = _typed("external_id", "Id in the CRM")
    life = django_filters.ChoiceFilter(
        label="Deleted or merged", choices=LIVES, method="of_life", empty_label="Live"
    )

    class Meta:
        model = Deal
        fields: list[str] = []

    def of_text(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        named = Q(name__icontains=text) | Q(external_id__iexact=text)
        return rows.filter(named | Q(account__name__icontains=text) | Q(account__code__iexact=text))

    def of_life(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("life") or ("all" if self._names_one() else "live")
        if asked == "all":
            return rows
        return rows.filter(LIVE) if asked == "live" else rows.exclude(LIVE)

    def _names_one(self) -> bool:
        return bool(self.form.cleaned_data.get("external_id"))


class DealLineFilter(django_filters.FilterSet):
    deal = django_filters.NumberFilter(label="Deal", field_name="deal_id")
    product = django_filters.CharFilter(label="Product code", field_name="product__code")

    class Meta:
        model = DealLine
        fields: list[str] = []
