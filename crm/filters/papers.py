"""How order papers and bookings are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import market_filter
from core.models import Person
from crm.engine.paper_moves import OPEN
from crm.models import OrderPaper, PaperKind, PaperState
from crm.selectors.paper_exceptions import KINDS
from crm.selectors.papers import today


class PaperFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", method="found")
    kind = django_filters.ChoiceFilter(label="Kind", choices=PaperKind.choices)
    state = django_filters.ChoiceFilter(label="State", choices=PaperState.choices)
    open = django_filters.BooleanFilter(label="Not done yet", method="not_done")
    late = django_filters.BooleanFilter(label="Late", method="past_due")
    owner = django_filters.ModelChoiceFilter(
        label="Owner", queryset=Person.objects.filter(is_active=True), to_field_name="email"
    )
    market = market_filter("account__market")
    account = django_filters.CharFilter(label="Account code", field_name="account__code")
    deal = django_filters.NumberFilter(label="Deal", field_name="deal")
    source = django_filters.CharFilter(label="Source")

    class Meta:
        model = OrderPaper
        fields: list[str] = []

    def found(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(
            Q(number__icontains=text)
            | Q(account__name__icontains=text)
            | Q(account__code__icontains=text)
            | Q(deal__name__icontains=text)
        )

    def not_done(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        return rows.filter(state__in=OPEN) if wanted else rows.exclude(state__in=OPEN)

    def past_due(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        late = Q(state__in=OPEN, due__lt=today())
        return rows.filter(late) if wanted else rows.exclude(late)


class ExceptionFilter(PaperFilter):
    """The same, and by what is wrong. The rows are those of `exceptions_among`."""

    problem = django_filters.ChoiceFilter(
        label="What is wrong", choices=[(kind.code, kind.label) for kind in KINDS], method="of_kind"
    )

    def of_kind(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        return rows.filter(**{f"is_{code}": True})
