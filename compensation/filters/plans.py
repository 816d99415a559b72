"""How plans, their people, quotas and scores are narrowed, the same on pages and in the API."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.filters import choices_of, code_filter, search_filter
from compensation.models import (
    ObjectiveScore,
    PayPlan,
    PayRole,
    PlanAcceptance,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
    VersionState,
)
from compensation.selectors.plans import plans_visible_to
from compensation.selectors.positions import pay_roles_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from core.forms import DayInput, MonthInput
from crm.models import Rep


def on_day() -> django_filters.DateFilter:
    return django_filters.DateFilter(label="On", field_name="days", lookup_expr="contains", widget=DayInput)


class PlanFilter(django_filters.FilterSet):
    search = search_filter()
    is_active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = PayPlan
        fields: list[str] = []


class AcceptanceFilter(django_filters.FilterSet):
    """By number: whether there is such a version is not told to who may not see it."""

    version = django_filters.NumberFilter(field_name="version_id", label="Version")

    class Meta:
        model = PlanAcceptance
        fields: list[str] = []


class VersionFilter(django_filters.FilterSet):
    plan = code_filter("plan", "Plan", plans_visible_to)
    state = django_filters.ChoiceFilter(label="State", choices=VersionState.choices)
    on = on_day()

    class Meta:
        model = PlanVersion
        fields: list[str] = []


class RoleFilter(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = PayRole
        fields: list[str] = []


class PositionFilter(django_filters.FilterSet):
    search = search_filter("rep__")
    role = code_filter("role", "Role", pay_roles_visible_to)
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    on = on_day()

    class Meta:
        model = Position
        fields: list[str] = []


class AssignmentFilter(django_filters.FilterSet):
    plan = code_filter("plan", "Plan", plans_visible_to)
    role = code_filter("role", "Role", pay_roles_visible_to)
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    on = on_day()

    class Meta:
        model = PlanAssignment
        fields: list[str] = []


@extend_schema_field(OpenApiTypes.STR)
class HeldRole(django_filters.ModelChoiceFilter):
    """Reps who have a role on the day of the page."""

    def filter(self, qs: QuerySet, value: PayRole | None) -> QuerySet:
        return qs if value is None else qs.filter(role_key=value.pk)


class EarnerFilter(django_filters.FilterSet):
    """Reps, on the day of the page."""

    search = search_filter()
    role = HeldRole(label="Role", queryset=choices_of(pay_roles_visible_to), to_field_name="code")
    plan = django_filters.CharFilter(label="Plan", method="of_plan")
    on = django_filters.DateFilter(label="On, else today", method="as_it_is", widget=DayInput)

    class Meta:
        model = Rep
        fields: list[str] = []

    def as_it_is(self, rows: QuerySet, name: str, value: object) -> QuerySet:
        """The day chose the rows already."""
        return rows

    def of_plan(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(plan_names__icontains=text)


class QuotaFilter(django_filters.FilterSet):
    search = search_filter("rep__")
    plan = code_filter("plan", "Plan", plans_visible_to)
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    first_month = django_filters.DateFilter(
        label="From month", widget=MonthInput, input_formats=["%Y-%m", "%Y-%m-%d"]
    )

    class Meta:
        model = PlanQuota
        fields: list[str] = []


class ScoreFilter(django_filters.FilterSet):
    search = search_filter("rep__")
    plan = code_filter("plan", "Plan", plans_visible_to)
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    month = django_filters.DateFilter(label="Month", widget=MonthInput, input_formats=["%Y-%m", "%Y-%m-%d"])

    class Meta:
        model = ObjectiveScore
        fields: list[str] = []
