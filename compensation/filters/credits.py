"""How credits, rules, cancellations and holds are narrowed, the same on pages and in the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.forms import HiddenInput

from catalog.filters import code_filter
from compensation.models import (
    Basis,
    Cancellation,
    CancellationKind,
    Credit,
    CreditHold,
    CreditKind,
    CreditRule,
    DealSplit,
    StatementPart,
)
from compensation.pipeline.counted import credits_counted
from compensation.selectors.scope import reps_paid_visible_to, statements_visible_to
from core.forms import DayInput, MonthInput
from crm.models import Deal


class CreditFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Deal, invoice or account", method="named")
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    basis = django_filters.ChoiceFilter(label="Basis", choices=Basis.choices, empty_label="All")
    kind = django_filters.ChoiceFilter(label="Kind", choices=CreditKind.choices, empty_label="All")
    month = django_filters.DateFilter(
        label="Month", method="of_month", input_formats=["%Y-%m", "%Y-%m-%d"], widget=MonthInput
    )
    deal = django_filters.NumberFilter(label="Deal number", field_name="deal", widget=HiddenInput)
    rule = django_filters.NumberFilter(label="Rule number", field_name="rule", widget=HiddenInput)
    part = django_filters.NumberFilter(
        label="Number of a statement's component", method="counted", widget=HiddenInput
    )

    class Meta:
        model = Credit
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(
            Q(label__icontains=text) | Q(account__name__icontains=text) | Q(deal__external_id=text)
        )

    def of_month(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows.filter(day__year=value.year, day__month=value.month)

    def counted(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """What a component of a statement counted, for those who may see the statement."""
        shown = statements_visible_to(self.request.user if self.request else None)
        parts = StatementPart.objects.filter(pk=value, statement__in=shown.order_by().values("pk"))
        part = parts.select_related("statement__run", "version__plan").first()
        return rows.none() if part is None else rows.filter(pk__in=credits_counted(part))


class RuleFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=CreditKind.choices, empty_label="All")
    is_active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = CreditRule
        fields: list[str] = []


class CancellationFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Deal or account", method="named")
    kind = django_filters.ChoiceFilter(label="What", choices=CancellationKind.choices, empty_label="All")
    since = django_filters.DateFilter(label="From day", field_name="day", lookup_expr="gte", widget=DayInput)
    until = django_filters.DateFilter(label="To day", field_name="day", lookup_expr="lte", widget=DayInput)
    deal = django_filters.NumberFilter(label="Deal number", field_name="deal", widget=HiddenInput)

    class Meta:
        model = Cancellation
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(
            Q(deal__name__icontains=text) | Q(deal__external_id=text) | Q(deal__account__name__icontains=text)
        )


class HoldFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Deal or rep", method="named")
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    open = django_filters.ChoiceFilter(
        label="State",
        choices=(("yes", "Held"), ("no", "Released")),
        method="that_are_open",
        empty_label="All",
    )
    deal = django_filters.NumberFilter(label="Deal number", field_name="deal", widget=HiddenInput)

    class Meta:
        model = CreditHold
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(deal__name__icontains=text) | Q(rep__name__icontains=text))

    def that_are_open(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(released__isnull=value == "yes")


class SplitFilter(django_filters.FilterSet):
    rep = code_filter("rep", "Rep", reps_paid_visible_to)
    deal = django_filters.NumberFilter(label="Deal number", field_name="deal")

    class Meta:
        model = DealSplit
        fields: list[str] = []


class MissingFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Deal or account", method="named")
    rep = code_filter("rep", "The deal's rep", reps_paid_visible_to)
    since = django_filters.DateFilter(
        label="Won from", field_name="closed", lookup_expr="gte", widget=DayInput
    )

    class Meta:
        model = Deal
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(Q(name__icontains=text) | Q(account__name__icontains=text))
