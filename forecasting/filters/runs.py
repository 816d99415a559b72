"""How runs, series and values are narrowed, the same on the page and in the API."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet

from catalog.filters import family_filter, market_filter
from core.errors import Invalid, Reason
from core.forms import MonthChoice
from forecasting.models import ForecastRun, RunState
from forecasting.models.pins import METHODS, StudyKind
from forecasting.selectors.classes import ABC, XYZ, units_of_class
from gathering.filters import FromMonth, UntilMonth, product_search


class TheMonth(django_filters.Filter):
    """One month."""

    field_class = MonthChoice

    def filter(self, qs: QuerySet, value: dt.date | None) -> QuerySet:
        return qs if value is None else qs.filter(**{self.field_name: value})


class RunFilter(django_filters.FilterSet):
    last_month = TheMonth(label="Data up to")
    state = django_filters.ChoiceFilter(label="State", choices=RunState.choices)

    class Meta:
        model = ForecastRun
        fields: list[str] = []


class UnitFilter(django_filters.FilterSet):
    """What is about demand units."""

    family = family_filter("demand_unit__product__family")
    market = market_filter("demand_unit__market")
    product = product_search("demand_unit__product")


class ClassFilter(UnitFilter):
    """What is about demand units of one run: by ABC and XYZ of that run."""

    abc = django_filters.ChoiceFilter(label="Revenue class", choices=[(x, x) for x in ABC], method="in_abc")
    xyz = django_filters.ChoiceFilter(label="Forecast class", choices=[(x, x) for x in XYZ], method="in_xyz")

    def in_abc(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(demand_unit__in=units_of_class(self._run(), abc=value))

    def in_xyz(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(demand_unit__in=units_of_class(self._run(), xyz=value))

    def _run(self) -> ForecastRun:
        """The run of the page, or the one that is asked for. Raises Invalid without any."""
        match = self.request.resolver_match
        key = str(self.data.get("run") or match.kwargs.get("pk", ""))
        run = ForecastRun.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
        if run is None:
            raise Invalid(Reason("Classes belong to a forecast: name its run, too.", "invalid", "run"))
        return run


class SeriesFilter(ClassFilter):
    method = django_filters.CharFilter(label="Method", lookup_expr="icontains")
    poor = django_filters.BooleanFilter(label="Worse than last year’s value", method="narrow_to_poor")

    def narrow_to_poor(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """A MASE of 1 is the error of last year's value of the same month."""
        return rows.filter(mase__gt=1) if value else rows.filter(mase__lte=1)


class ValueFilter(ClassFilter):
    first = FromMonth(field_name="month", label="From")
    last = UntilMonth(field_name="month", label="To")


class AnyRunSeriesFilter(SeriesFilter):
    run = django_filters.NumberFilter(field_name="run", label="Forecast number")
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")


class AnyRunValueFilter(ValueFilter):
    run = django_filters.NumberFilter(field_name="run", label="Forecast number")
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")


class StudyFilter(django_filters.FilterSet):
    run = django_filters.NumberFilter(field_name="run", label="Forecast number")
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")
    kind = django_filters.ChoiceFilter(label="Kind", choices=StudyKind.choices)


class PinFilter(UnitFilter):
    method = django_filters.ChoiceFilter(label="Method", choices=METHODS)
    ended = django_filters.BooleanFilter(
        label="Ended", field_name="ended", lookup_expr="isnull", exclude=True
    )
