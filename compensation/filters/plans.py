"""How plans, their people, quotas and scores are narrowed, the same on pages and in the API."""

import django_filters
from django.db.models import QuerySet

from catalog.filters import code_filter, search_filter
from compensation.models import (
    ObjectiveScore,
    PayPlan,
    PayRole,
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


class EarnerFilter(django_filters.FilterSet):
    """Reps, on the day of the page."""

    search = search_filter()
    role = django_filters.ModelChoiceFilter(
        label="Role", queryset=PayRole.objects.all(), to_field_name="code", method="of_role"
    )
    plan = django_filters.CharFilter(label="Plan", method="of_plan")
    on = django_filters.DateFilter(label="On, else today", method="as_it_is", widget=DayInput)

    class Meta:
        model = Rep
        fields: list[str] = []

    def as_it_is(self, rows: QuerySet, name: str, value: object) -> QuerySet:
        """The day chose the rows already."""
        return rows

    def of_role(self, rows: QuerySet, name: str, role: PayRole) -> QuerySet:
        return rows.filter(role_key=role.pk)

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
