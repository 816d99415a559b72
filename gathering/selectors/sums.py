"""Facts as sums: what explanations and dashboards add up, within the person's scope."""

import datetime as dt

from django.db.models import BigIntegerField, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from catalog.selectors.slices import Slice
from core.models import Person
from gathering.models import Budget, Sales
from gathering.selectors.facts import budget_visible_to


def sales_in(part: Slice) -> QuerySet[Sales]:
    """The sales by demand unit and month inside a slice."""
    return part.of(Sales.objects.all(), "demand_unit__product__family", "demand_unit__market")


def budget_in_force(user: Person | None, first: dt.date, last: dt.date) -> QuerySet[Budget]:
    """The budget's lines of these months with their `leaf` family. Where several budgets cover a
    month, the last named one counts."""
    names = Budget.objects.filter(month__range=(first, last)).order_by().values_list("month")
    months: dict[str, list[dt.date]] = {}
    for month, name in names.annotate(Max("name")):
        months.setdefault(name, []).append(month)
    counts = Q(pk=None)
    for name, named in months.items():
        counts |= Q(name=name, month__in=named)
    rows = budget_visible_to(user).filter(counts)
    return rows.annotate(leaf=Coalesce("product__family", "family", output_field=BigIntegerField()))
