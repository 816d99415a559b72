"""How disputes are narrowed: on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of
from compensation.models import Dispute, DisputeAbout, DisputeState, PayPlan
from compensation.selectors.disputes import IS_LATE, plans_of_disputes
from compensation.selectors.scope import reps_paid_visible_to
from core.forms import MonthChoice


class MonthFilter(django_filters.Filter):
    field_class = MonthChoice


@extend_schema_field(OpenApiTypes.STR)
class PlanFilter(django_filters.ModelChoiceFilter):
    """A plan, chosen by its code."""


class DisputeFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label="State", choices=DisputeState.choices, empty_label="Any state")
    about = django_filters.ChoiceFilter(label="About", choices=DisputeAbout.choices, empty_label="Anything")
    rep = django_filters.ModelChoiceFilter(
        label="Rep", queryset=choices_of(reps_paid_visible_to), to_field_name="code"
    )
    plan = PlanFilter(
        label="Plan", queryset=choices_of(plans_of_disputes), to_field_name="code", method="of_plan"
    )
    month = MonthFilter(label="Pay of", field_name="statement__run__month")
    late = django_filters.BooleanFilter(label="Late", method="of_late")
    mine = django_filters.BooleanFilter(label="Mine to answer", method="of_mine")

    class Meta:
        model = Dispute
        fields: list[str] = []

    def of_plan(self, rows: QuerySet, name: str, plan: PayPlan) -> QuerySet:
        on_it = Q(line__part__version__plan=plan) | Q(line=None, statement__parts__version__plan=plan)
        return rows.filter(pk__in=Dispute.objects.filter(on_it).order_by().values("pk"))

    def of_late(self, rows: QuerySet, name: str, late: bool) -> QuerySet:
        return rows.filter(IS_LATE) if late else rows.exclude(IS_LATE)

    def of_mine(self, rows: QuerySet, name: str, mine: bool) -> QuerySet:
        here = Q(owner=self.request.user)
        return rows.filter(here) if mine else rows.exclude(here)
