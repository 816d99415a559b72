"""Filters of runs, their statements and adjustments."""

import datetime as dt
from typing import Any

import django_filters

from compensation.models import Adjustment, AdjustmentState, PayRun, RunState, Statement
from core.forms import MonthChoice


class MonthFilter(django_filters.DateFilter):
    """A month, given as 2026-05 or any day of it."""

    field_class = MonthChoice

    def filter(self, qs: Any, value: dt.date | None) -> Any:
        return super().filter(qs, value.replace(day=1) if value else value)


class RunFilter(django_filters.FilterSet):
    month = MonthFilter("month")
    state = django_filters.ChoiceFilter(choices=RunState.choices, empty_label="Any state")

    class Meta:
        model = PayRun
        fields = ["month", "state"]


class RunStatementFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Rep", method="named")
    changed = django_filters.BooleanFilter(label="Only with late changes", method="with_deltas")
    held = django_filters.BooleanFilter(label="Only with held pay", method="with_held")

    class Meta:
        model = Statement
        fields: list[str] = []

    def named(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(rep__name__icontains=value) | rows.filter(rep__code__icontains=value)

    def with_deltas(self, rows: Any, name: str, value: bool) -> Any:
        return rows.exclude(deltas=0) if value else rows

    def with_held(self, rows: Any, name: str, value: bool) -> Any:
        return rows.exclude(held=0) if value else rows


class AdjustmentFilter(django_filters.FilterSet):
    month = MonthFilter("month", label="Month")
    rep = django_filters.CharFilter("rep__code", label="Rep’s code")
    state = django_filters.ChoiceFilter(choices=AdjustmentState.choices, empty_label="Any state")

    class Meta:
        model = Adjustment
        fields = ["month", "rep", "state"]
