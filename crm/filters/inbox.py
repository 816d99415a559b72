"""How deliveries, their events and differences are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import QuerySet

from core.forms import DayInput
from crm.models import (
    Delivery,
    DeliveryState,
    Difference,
    DifferenceKind,
    DifferenceState,
    Endpoint,
    EventState,
    InboxEvent,
)


def endpoint_filter() -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(label="Connection", queryset=Endpoint.objects.all())


def day_filter(field: str, lookup: str, label: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(field_name=field, lookup_expr=lookup, label=label, widget=DayInput)


class DeliveryFilter(django_filters.FilterSet):
    endpoint = endpoint_filter()
    state = django_filters.ChoiceFilter(label="State", choices=DeliveryState.choices)
    first = day_filter("received", "date__gte", "From")
    last = day_filter("received", "date__lte", "To")

    class Meta:
        model = Delivery
        fields: list[str] = []


class InboxEventFilter(django_filters.FilterSet):
    endpoint = endpoint_filter()
    state = django_filters.ChoiceFilter(label="State", choices=EventState.choices)
    entity = django_filters.CharFilter(label="Kind of record", lookup_expr="iexact")
    external_id = django_filters.CharFilter(label="Id in the CRM", lookup_expr="exact")
    waits_for = django_filters.CharFilter(label="Waits for", method="waiting_for", help_text="kind:value")
    delivery = django_filters.NumberFilter(label="Delivery")
    first = day_filter("occurred", "date__gte", "From")
    last = day_filter("occurred", "date__lte", "To")

    class Meta:
        model = InboxEvent
        fields: list[str] = []

    def waiting_for(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Events that wait for one unknown value, such as stage:proposal."""
        return rows.filter(waits_for__contains=[value])


class DifferenceFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=DifferenceKind.choices)
    state = django_filters.ChoiceFilter(label="State", choices=DifferenceState.choices)
    external_id = django_filters.CharFilter(label="Id in the CRM", lookup_expr="exact")

    class Meta:
        model = Difference
        fields: list[str] = []
