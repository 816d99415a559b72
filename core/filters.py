"""What lists can be narrowed by; pages and API share it."""

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, ModelChoiceFilter

from core.forms import DayInput
from core.models import Event, Person
from core.selectors.events import subject_types


class EventFilter(FilterSet):
    q = CharFilter(label="Text", method="search")
    actor = ModelChoiceFilter(label="Who", queryset=Person.objects.all(), empty_label="Anybody")
    verb = CharFilter(label="What", lookup_expr="icontains")
    subject_type = ChoiceFilter(label="Kind of thing", choices=subject_types(), empty_label="Anything")
    subject_id = CharFilter(label="Key", lookup_expr="exact")
    since = DateFilter(label="From day", field_name="at", lookup_expr="date__gte", widget=DayInput)
    until = DateFilter(label="To day", field_name="at", lookup_expr="date__lte", widget=DayInput)

    class Meta:
        model = Event
        fields: list[str] = []

    def search(self, events: QuerySet, name: str, value: str) -> QuerySet:
        return events.filter(Q(subject_label__icontains=value) | Q(reason__icontains=value))
