"""Filters of statements and their lines."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from compensation.models import Credit, LineKind, PayLine, RunState, Statement
from compensation.selectors.statements import months_of

SHOWN_STATES = [
    choice for choice in RunState.choices if choice[0] not in {"calculating", "failed", "discarded"}
]


def months_offered(request: Any) -> list[tuple[str, str]]:
    """The months with statements that the asker may see."""
    if request is None:
        return []
    return [(f"{month:%Y-%m-%d}", f"{month:%B %Y}") for month in months_of(request.user)]


class StatementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Rep", method="named")
    month = django_filters.ChoiceFilter(
        label="Month", field_name="run__month", choices=[], empty_label="All months"
    )
    state = django_filters.ChoiceFilter(
        label="State", field_name="run__state", choices=SHOWN_STATES, empty_label="Any state"
    )

    class Meta:
        model = Statement
        fields: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.filters["month"].extra["choices"] = months_offered(self.request)

    def named(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(rep__name__icontains=value) | Q(rep__code__icontains=value))


class ApiStatementFilter(django_filters.FilterSet):
    rep = django_filters.CharFilter(label="The rep's code", field_name="rep__code")
    month = django_filters.DateFilter(label="Any day of the month", method="of_month")
    state = django_filters.ChoiceFilter(label="State", field_name="run__state", choices=SHOWN_STATES)
    run = django_filters.NumberFilter(label="The run's id", field_name="run_id")

    class Meta:
        model = Statement
        fields: list[str] = []

    def of_month(self, rows: QuerySet, name: str, value: dt.date) -> QuerySet:
        return rows.filter(run__month=value.replace(day=1))


class LineFilter(django_filters.FilterSet):
    """Lines of one statement."""

    q = django_filters.CharFilter(label="Deal", field_name="credit__label", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label="What", choices=LineKind.choices, empty_label="All kinds")
    delta = django_filters.ChoiceFilter(
        label="Months",
        method="of_closed",
        choices=[("no", "This month"), ("yes", "Closed months")],
        empty_label="All months",
    )
    tier = django_filters.NumberFilter(label="Tier")
    part = django_filters.NumberFilter(label="Component", field_name="part_id")

    class Meta:
        model = PayLine
        fields: list[str] = []

    def of_closed(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(is_delta=value == "yes")


class LineCreditFilter(django_filters.FilterSet):
    """The credits behind one line."""

    q = django_filters.CharFilter(label="Deal or rep", method="named")

    class Meta:
        model = Credit
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(label__icontains=value) | Q(rep__name__icontains=value))


class ApiLineFilter(LineFilter):
    """Lines of all statements that one sees."""

    statement = django_filters.NumberFilter(label="The statement's id", field_name="statement_id")
