"""How coverage is narrowed, the same on pages and in the API. Rows are named by code."""

import django_filters
from django.db.models import Q, QuerySet
from django.forms import HiddenInput
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, code_filter
from core.forms import DayInput
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.models import (
    ChangeCause,
    Cover,
    CoverageChange,
    CoverageRole,
    OwnershipChange,
    TerritoryRep,
)
from territories.selectors.coverage import coverage_roles_visible_to
from territories.selectors.models import models_visible_to


class TerritoryRepFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Territory", method="of_territory")
    territory = django_filters.NumberFilter(
        label="Territory number", field_name="territory", widget=HiddenInput
    )
    model = code_filter("territory__model", "Model", models_visible_to)
    role = code_filter("role", "Role", coverage_roles_visible_to)
    rep = code_filter("rep", "Rep", reps_visible_to)
    on = django_filters.DateFilter(label="On", field_name="days", lookup_expr="contains", widget=DayInput)

    class Meta:
        model = TerritoryRep
        fields: list[str] = []

    def of_territory(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(territory__name__icontains=text) | Q(territory__code__icontains=text))


class CoverFilter(TerritoryRepFilter):
    rep = code_filter("rep", "Stand-in", reps_visible_to)

    class Meta:
        model = Cover
        fields: list[str] = []


@extend_schema_field(OpenApiTypes.STR)
class RepFilter(django_filters.ModelChoiceFilter):
    """What a rep got or lost."""

    def filter(self, qs: QuerySet, value: Rep | None) -> QuerySet:
        return qs if value is None else qs.filter(Q(old_rep=value) | Q(new_rep=value))


class ChangeFilter(django_filters.FilterSet):
    account = django_filters.CharFilter(label="Account code", field_name="account__code")
    role = code_filter("role", "Role", coverage_roles_visible_to)
    rep = RepFilter(label="Rep, old or new", queryset=choices_of(reps_visible_to), to_field_name="code")
    since = django_filters.DateFilter(label="From day", field_name="day", lookup_expr="gte", widget=DayInput)
    until = django_filters.DateFilter(label="To day", field_name="day", lookup_expr="lte", widget=DayInput)

    class Meta:
        model = CoverageChange
        fields: list[str] = []


class OwnershipFilter(ChangeFilter):
    cause = django_filters.ChoiceFilter(label="Cause", choices=ChangeCause.choices)
    after = django_filters.NumberFilter(
        label="After change number", field_name="pk", lookup_expr="gt", widget=HiddenInput
    )

    class Meta:
        model = OwnershipChange
        fields: list[str] = []


class CoverageRoleFilter(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = CoverageRole
        fields: list[str] = []
