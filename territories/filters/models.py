"""How lists of territory models, rules and what they came to are narrowed, on the page and in the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import choices_of, market_filter, search_filter
from core.forms import DayInput
from crm.models import Account
from territories.models import (
    ModelState,
    Pin,
    PinKind,
    PlacedBy,
    Placement,
    Rule,
    RuleOverlap,
    Territory,
    TerritoryModel,
    TerritoryType,
)
from territories.selectors.models import models_visible_to


def model_filter(path: str) -> django_filters.ModelChoiceFilter:
    """Rows of one territory model, by its code."""
    return django_filters.ModelChoiceFilter(
        field_name=path, label="Model", queryset=choices_of(models_visible_to), to_field_name="code"
    )


class ModelFilter(django_filters.FilterSet):
    search = search_filter()
    state = django_filters.ChoiceFilter(label="State", choices=ModelState.choices)

    class Meta:
        model = TerritoryModel
        fields: list[str] = []


class TerritoryFilter(django_filters.FilterSet):
    search = search_filter()
    model = model_filter("model")
    type = django_filters.ChoiceFilter(label="Type", choices=TerritoryType.choices)
    parent = django_filters.CharFilter(label="Lies below, by code", field_name="parent__code")

    class Meta:
        model = Territory
        fields: list[str] = []


class RuleFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="of_text")
    model = model_filter("territory__model")
    territory = django_filters.CharFilter(label="Territory code", field_name="territory__code")
    is_active = django_filters.BooleanFilter(label="Switched on")

    class Meta:
        model = Rule
        fields: list[str] = []

    def of_text(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(name__icontains=text) | Q(territory__name__icontains=text))


class PinFilter(django_filters.FilterSet):
    search = search_filter("account__")
    model = model_filter("territory__model")
    territory = django_filters.CharFilter(label="Territory code", field_name="territory__code")
    kind = django_filters.ChoiceFilter(label="What", choices=PinKind.choices)
    is_withdrawn = django_filters.BooleanFilter(label="Withdrawn")

    class Meta:
        model = Pin
        fields: list[str] = []


class GapFilter(django_filters.FilterSet):
    """Accounts without a territory; the model is chosen by the page."""

    search = search_filter()
    country = django_filters.CharFilter(label="Country", lookup_expr="iexact")
    market = market_filter("market")
    industry = django_filters.CharFilter(label="Industry", lookup_expr="iexact")
    potential = django_filters.NumberFilter(
        label="Potential from", field_name="work__potential", lookup_expr="gte"
    )

    class Meta:
        model = Account
        fields: list[str] = []


class OverlapFilter(django_filters.FilterSet):
    search = search_filter("account__")
    model = model_filter("model")
    rule = django_filters.CharFilter(label="Rule", method="of_rule")
    territory = django_filters.CharFilter(label="Territory code", method="of_territory")

    class Meta:
        model = RuleOverlap
        fields: list[str] = []

    def of_rule(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(rule__name__icontains=text) | Q(rival__name__icontains=text))

    def of_territory(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        return rows.filter(Q(rule__territory__code=code) | Q(rival__territory__code=code))


class PlacementFilter(django_filters.FilterSet):
    search = search_filter("account__")
    model = model_filter("model")
    territory = django_filters.CharFilter(label="Territory code", field_name="territory__code")
    placed_by = django_filters.ChoiceFilter(label="Placed by", choices=PlacedBy.choices)
    on = django_filters.DateFilter(label="On", field_name="days", lookup_expr="contains", widget=DayInput)

    class Meta:
        model = Placement
        fields: list[str] = []


class DifferenceFilter(django_filters.FilterSet):
    """Accounts that lie elsewhere in another model."""

    search = search_filter()
    change = django_filters.ChoiceFilter(
        label="Change",
        choices=[("added", "Added"), ("gone", "Lost"), ("moved", "Moved")],
        method="of_change",
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def of_change(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows.filter(change=value)
