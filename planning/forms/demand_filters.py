"""How inputs and events of a cycle are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import family_filter, market_filter, search_filter
from core.forms import MonthChoice
from core.models import Person
from planning.models import ConsensusCell, DemandEvent, DemandEventKind, DemandInput, InputKind, StreamName
from planning.selectors.demand_inputs import without_reason

SPEAKING = [choice for choice in StreamName.choices if choice[0] != StreamName.STATISTICAL]


class ExactMonth(django_filters.Filter):
    """One month."""

    field_class = MonthChoice


class InputFilter(django_filters.FilterSet):
    stream = django_filters.ChoiceFilter(label="Stream", choices=SPEAKING)
    month = ExactMonth(label="Month")
    kind = django_filters.ChoiceFilter(label="How", choices=InputKind.choices)
    market = market_filter("market")
    q = django_filters.CharFilter(label="Family or product", method="search")
    author = django_filters.ModelChoiceFilter(label="Who", queryset=Person.objects.all())
    is_withdrawn = django_filters.BooleanFilter(label="Withdrawn")
    silent = django_filters.BooleanFilter(label="Without a reason", method="only_silent")

    class Meta:
        model = DemandInput
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        found = Q()
        for path in ("family__code", "family__name", "product__code", "product__name"):
            found |= Q(**{f"{path}__icontains": text})
        return rows.filter(found)

    def only_silent(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        """Large changes that do not say why, of the cycles among the rows."""
        cycles = {row.cycle_id: row.cycle for row in rows.select_related("cycle")}
        silent = [row.pk for cycle in cycles.values() for row in without_reason(cycle)]
        return rows.filter(pk__in=silent) if value else rows.exclude(pk__in=silent)


class EventFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=DemandEventKind.choices)
    market = market_filter("market")
    family = family_filter("product__family")
    search = search_filter("product__")

    class Meta:
        model = DemandEvent
        fields: list[str] = []


class CellFilter(django_filters.FilterSet):
    family = family_filter("demand_unit__product__family")
    market = market_filter("demand_unit__market")
    product = django_filters.CharFilter(label="Product code", field_name="demand_unit__product__code")
    demand_unit = django_filters.NumberFilter(label="Demand unit number", field_name="demand_unit")
    month = ExactMonth(label="Month")

    class Meta:
        model = ConsensusCell
        fields: list[str] = []
