"""How leads and what they are routed by are narrowed, the same on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.filters import code_filter, market_filter
from crm.engine.lead_moves import OPEN
from crm.models import Absence, Lead, LeadCost, LeadSource, LeadState, RoutingSeat
from crm.selectors.accounts import reps_visible_to
from crm.selectors.leads import UP_FOR_CLAIM, lead_sources_visible_to

HOW_OVER = [("late", "Late"), ("today", "Due today"), ("breached", "Was late")]


class LeadFilter(django_filters.FilterSet):
    """Leads that were merged into another are left out unless they are asked for."""

    search = django_filters.CharFilter(label="Search", method="found")
    state = django_filters.ChoiceFilter(label="State", choices=LeadState.choices)
    open = django_filters.BooleanFilter(label="Open", method="still_open")
    answer = django_filters.ChoiceFilter(label="Answer", choices=HOW_OVER, method="by_answer")
    claim = django_filters.BooleanFilter(label="Up for claim", method="up_for_claim")
    source = code_filter("source", "Source", lead_sources_visible_to)
    owner = code_filter("owner", "Owner", reps_visible_to)
    market = market_filter("market")
    reason = django_filters.CharFilter(label="Disqualified because", field_name="disqualified_because")
    arrived_from = django_filters.DateFilter(
        label="Arrived from", field_name="arrived__date", lookup_expr="gte"
    )
    arrived_to = django_filters.DateFilter(label="Arrived to", field_name="arrived__date", lookup_expr="lte")
    merged = django_filters.BooleanFilter(label="Merged into another", method="only_merged")
    external_id = django_filters.CharFilter(label="Id elsewhere", field_name="external_id")

    class Meta:
        model = Lead
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("merged") is not None else rows.filter(duplicate_of=None)

    def found(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(
            Q(company__icontains=text)
            | Q(name__icontains=text)
            | Q(email__icontains=text)
            | Q(phone__icontains=text)
        )

    def still_open(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        return rows.filter(state__in=OPEN) if wanted else rows.exclude(state__in=OPEN)

    def up_for_claim(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        return rows.filter(UP_FOR_CLAIM) if wanted else rows.exclude(UP_FOR_CLAIM)

    def by_answer(self, rows: QuerySet, name: str, wanted: str) -> QuerySet:
        if wanted == "breached":
            return rows.filter(breaches__gt=0)
        waiting = rows.filter(state=LeadState.NEW)
        if wanted == "late":
            return waiting.filter(due__lt=timezone.now())
        return waiting.filter(due__date=timezone.localdate())

    def only_merged(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        return rows.exclude(duplicate_of=None) if wanted else rows.filter(duplicate_of=None)


class LeadListFilter(LeadFilter):
    """On the page without what only programs ask for."""

    external_id = None


class SourceFilter(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = LeadSource
        fields: list[str] = []


class CostFilter(django_filters.FilterSet):
    source = code_filter("source", "Source", lead_sources_visible_to)

    class Meta:
        model = LeadCost
        fields: list[str] = []


class SeatFilter(django_filters.FilterSet):
    rep = code_filter("rep", "Rep", reps_visible_to)

    class Meta:
        model = RoutingSeat
        fields = ["rule"]


class AbsenceFilter(django_filters.FilterSet):
    rep = code_filter("rep", "Rep", reps_visible_to)
    on = django_filters.DateFilter(label="On", field_name="days", lookup_expr="contains")

    class Meta:
        model = Absence
        fields: list[str] = []
