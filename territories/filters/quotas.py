"""Filters of quota plans and quotas."""

import django_filters

from territories.models import ChangeState, Quota, QuotaChange, QuotaMeasure, QuotaPlan, QuotaState


class PlanFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=QuotaState.choices, empty_label="Any state")
    measure = django_filters.ChoiceFilter(choices=QuotaMeasure.choices, empty_label="Any measure")

    class Meta:
        model = QuotaPlan
        fields = ["state", "measure"]


class QuotaFilter(django_filters.FilterSet):
    plan = django_filters.NumberFilter("plan")
    rep = django_filters.CharFilter("rep__code")
    territory = django_filters.CharFilter("territory__code")
    state = django_filters.ChoiceFilter(field_name="plan__state", choices=QuotaState.choices)

    class Meta:
        model = Quota
        fields = ["plan", "rep", "territory", "state"]


class ChangeFilter(django_filters.FilterSet):
    plan = django_filters.NumberFilter("quota__plan")
    state = django_filters.ChoiceFilter(choices=ChangeState.choices)

    class Meta:
        model = QuotaChange
        fields = ["plan", "state"]
