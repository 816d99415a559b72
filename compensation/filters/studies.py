"""How studies are narrowed, the same on the page and in the API."""

import django_filters

from catalog.filters import choices_of
from compensation.models import Study, StudyState
from compensation.selectors.plans import plans_visible_to


class StudyFilter(django_filters.FilterSet):
    plan = django_filters.ModelChoiceFilter(
        label="Plan",
        field_name="version__plan",
        queryset=choices_of(plans_visible_to),
        to_field_name="code",
    )
    state = django_filters.ChoiceFilter(label="State", choices=StudyState.choices)

    class Meta:
        model = Study
        fields: list[str] = []
