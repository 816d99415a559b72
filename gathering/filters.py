"""How facts, findings and notes are narrowed, the same on the page and in the API."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from catalog.engine.months import add_months
from catalog.filters import code_filter, family_filter, market_filter
from catalog.selectors import resources_visible_to, sites_visible_to
from core.forms import MonthChoice
from core.models import Person
from gathering.datasets import DATASETS
from gathering.models import IssueState, Severity
from gathering.models.notes import NoteKind
from gathering.pipeline.quality import RULES


class FromMonth(django_filters.Filter):
    """From a month on; works on columns of months and of days."""

    field_class = MonthChoice

    def filter(self, qs: QuerySet, value: dt.date | None) -> QuerySet:
        return qs if value is None else qs.filter(**{f"{self.field_name}__gte": value})


class UntilMonth(django_filters.Filter):
    """Up to the end of a month; works on columns of months and of days."""

    field_class = MonthChoice

    def filter(self, qs: QuerySet, value: dt.date | None) -> QuerySet:
        if value is None:
            return qs
        return qs.filter(**{f"{self.field_name}__lt": add_months(value, 1)})


class Months(django_filters.FilterSet):
    """A range of months over a column named `month`."""

    first = FromMonth(field_name="month", label="From")
    last = UntilMonth(field_name="month", label="To")


def product_search(path: str) -> django_filters.CharFilter:
    """Part of a product's code or name. The products are looked up first, by their trigrams."""

    def narrow(rows: QuerySet, name: str, text: str) -> QuerySet:
        found = Q(**{f"{path}__code__icontains": text}) | Q(**{f"{path}__name__icontains": text})
        return rows.filter(found)

    return django_filters.CharFilter(label="Product", method=narrow)


class SalesFilter(Months):
    family = family_filter("demand_unit__product__family")
    market = market_filter("demand_unit__market")
    product = product_search("demand_unit__product")
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")


class LineFilter(SalesFilter):
    first = FromMonth(field_name="day", label="From")
    last = UntilMonth(field_name="day", label="To")
    order = django_filters.CharFilter(label="Order", field_name="order_number")
    run = django_filters.NumberFilter(field_name="run", label="Import number")


class StockFilter(django_filters.FilterSet):
    first = FromMonth(field_name="day", label="From")
    last = UntilMonth(field_name="day", label="To")
    family = family_filter("product__family")
    site = code_filter("site", "Site", sites_visible_to)
    product = product_search("product")


class OpenOrderFilter(django_filters.FilterSet):
    first = FromMonth(field_name="due", label="Due from")
    last = UntilMonth(field_name="due", label="Due to")
    family = family_filter("demand_unit__product__family")
    market = market_filter("demand_unit__market")
    product = product_search("demand_unit__product")


class CapacityFilter(Months):
    resource = code_filter("resource", "Resource", resources_visible_to)
    site = code_filter("resource__site", "Site", sites_visible_to)


class BudgetFilter(Months):
    market = market_filter("market")
    product = product_search("product")
    name = django_filters.CharFilter(label="Budget", lookup_expr="icontains")


class TargetFilter(Months):
    market = market_filter("market")
    rep = django_filters.CharFilter(label="Rep", field_name="rep__name", lookup_expr="icontains")


class ExternalForecastFilter(SalesFilter):
    source = django_filters.CharFilter(label="Source", lookup_expr="icontains")


def rule_choices() -> list[tuple[str, str]]:
    return [(rule.code, rule.label) for rule in RULES.values()]


def dataset_choices() -> list[tuple[str, str]]:
    return [(dataset.code, dataset.label) for dataset in DATASETS.values()]


class IssueFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label="State", choices=IssueState.choices)
    severity = django_filters.ChoiceFilter(label="Severity", choices=Severity.choices)
    rule = django_filters.ChoiceFilter(label="Rule", choices=rule_choices)
    dataset = django_filters.ChoiceFilter(label="Data", choices=dataset_choices)
    owner = django_filters.ModelChoiceFilter(
        label="Owner", queryset=Person.objects.filter(quality_issues__isnull=False).distinct()
    )
    family = family_filter("product__family")
    search = django_filters.CharFilter(label="About", field_name="subject", lookup_expr="icontains")


class NoteFilter(django_filters.FilterSet):
    first = django_filters.DateFilter(label="From", method="from_day")
    last = django_filters.DateFilter(label="To", method="until_day")
    market = market_filter("markets")
    family = family_filter("families")
    search = django_filters.CharFilter(label="Search", method="text_in")

    def from_day(self, rows: QuerySet, name: str, day: dt.date) -> QuerySet:
        return rows.filter(period__overlap=(day, None))

    def until_day(self, rows: QuerySet, name: str, day: dt.date) -> QuerySet:
        return rows.filter(period__overlap=(None, day + dt.timedelta(days=1)))

    def text_in(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(text__icontains=text) | Q(**{f"{self.title_field}__icontains": text}))

    title_field = "name"

    @property
    def qs(self) -> Any:
        """A note about two markets below the chosen one is one note."""
        return super().qs.distinct()


class MarketNoteFilter(NoteFilter):
    kind = django_filters.ChoiceFilter(label="Kind", choices=NoteKind.choices)
    title_field = "title"
