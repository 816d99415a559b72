"""How chances of deals are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import code_filter
from crm.selectors.accounts import reps_visible_to
from forecasting.filters.runs import TheMonth
from forecasting.models import WorthBasis


class ChanceFilter(django_filters.FilterSet):
    """What is told of single deals."""

    search = django_filters.CharFilter(label="Deal or account", method="of_text")
    rep = code_filter("deal__rep", "Owner", reps_visible_to)
    expected_month = TheMonth(label="Closes in")
    least = django_filters.NumberFilter(
        field_name="probability", lookup_expr="gte", label="Chance from (0–1)"
    )
    basis = django_filters.ChoiceFilter(label="Worth from", choices=WorthBasis.choices)

    def of_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(deal__name__icontains=value) | Q(deal__account__name__icontains=value))
