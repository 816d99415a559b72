"""The plan as a grid: product and site by month, and everything about one item or resource."""

from collections.abc import Sequence
from typing import Any

import django_filters
import numpy as np
from django.core.paginator import Page as RowsPage
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from catalog.models import Family, Site
from catalog.selectors import base_currency, families_below, families_visible_to, sites_visible_to
from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.formats import grouped
from core.listing import Column, export_rows
from planning.engine.gaps import days_of_cover
from planning.models import Cycle, SupplyRun, SupplyValue
from planning.selectors.supply import run_of
from planning.selectors.supply_plan import item_rows, values_of_items, values_visible_to
from planning.views.base import CyclePage
from planning.views.supply_words import month_name

MEASURES = (
    ("demand", "Demand", "units"),
    ("make", "Make", "units"),
    ("buy", "Buy", "units"),
    ("stock", "Stock", "units"),
    ("target", "Target", "units"),
    ("cover", "Cover", "days"),
    ("backlog", "Owed", "units"),
    ("lost", "Lost", "units"),
)
ROWS_A_PAGE = 100


class GridFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Product", method="named")
    family = django_filters.ModelChoiceFilter(label="Family", queryset=Family.objects.none(), method="below")
    site = django_filters.ModelChoiceFilter(label="Site", queryset=Site.objects.none())
    short = django_filters.BooleanFilter(label="With gaps", method="with_gaps")
    measure = django_filters.ChoiceFilter(
        label="Row", choices=[(name, label) for name, label, _ in MEASURES], method="kept", empty_label="All"
    )

    class Meta:
        model = SupplyValue
        fields: list[str] = []

    def __init__(self, *args: Any, run: SupplyRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._run = run
        person = person_of(self.request)
        self.filters["family"].field.queryset = families_visible_to(person)
        self.filters["site"].field.queryset = sites_visible_to(person)

    def named(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(product__name__icontains=value) | Q(product__code__icontains=value))

    def below(self, rows: QuerySet, name: str, value: Family) -> QuerySet:
        return rows.filter(product__family__in=families_below([value.pk]))

    def with_gaps(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        products = {gap["product"] for gap in self._run.summary["gaps"] if "product" in gap}
        return rows.filter(product__in=products) if value else rows.exclude(product__in=products)

    def kept(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows


EXPORTED = [
    Column("product", "Product", "product.code"),
    Column("name", "Name", "product.name"),
    Column("site", "Site", "site.code"),
    Column("month", "Month", "month", "month"),
    *(Column(name, label, name, unit=unit) for name, label, unit in MEASURES if name != "cover"),
    Column("price", "Price", "price", "money"),
]


class GridPage(CyclePage):
    """Demand, supply and stock of every item by month, a hundred rows a page."""

    action = "supply.view"
    place = "supply"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponseBase:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        run = run_of(cycle)
        if run is None:
            return self.show(request, cycle, "planning/supply_grid.html", {"page": None})
        rows = item_rows(run, person).order_by("product__code", "site__code")
        found = GridFilter(request.GET, queryset=rows, request=request, run=run)
        if form := request.GET.get("export"):
            return _export(run, request, found, form)
        measures = _measures(request)
        page = Paginator(found.qs, ROWS_A_PAGE // len(measures)).get_page(request.GET.get("page"))
        context = {"filter": found, "page": page, "grid": _grid(cycle, run, page, measures)}
        return self.show(request, cycle, "planning/supply_grid.html", context)


def _measures(request: HttpRequest) -> list[tuple[str, str, str]]:
    wanted = request.GET.get("measure", "")
    return [one for one in MEASURES if wanted in ("", one[0])] or list(MEASURES)


def _export(run: SupplyRun, request: HttpRequest, found: GridFilter, form: str) -> HttpResponseBase:
    """Every month of the filtered items, a row for each month."""
    person = person_of(request)
    items = found.qs.order_by()
    rows = values_visible_to(person).filter(
        run=run, product__in=items.values("product"), site__in=items.values("site")
    )
    columns = EXPORTED + (
        [Column("cost", f"Cost, {base_currency()}", "cost", "money")] if may_see_costs(person) else []
    )
    return export_rows(
        rows.order_by("product__code", "site__code", "month"), columns, title="Supply plan", form=form
    )


def _grid(cycle: Cycle, run: SupplyRun, page: RowsPage, measures: list[Any]) -> dict[str, Any]:
    values = values_of_items(run, page.object_list)
    months = next((rows for rows in values.values()), [])
    return {
        "months": [month_name(row.month) for row in months],
        "items": [
            {
                "name": item.product.name,
                "site": item.site.name,
                "url": reverse("planning:supply-item", args=[cycle.pk, item.product_id, item.site_id]),
                "rows": grid_rows(values[item.product_id, item.site_id], measures),
                "height": len(measures),
            }
            for item in page.object_list
        ],
    }


def grid_rows(
    values: Sequence[SupplyValue], measures: Sequence[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """The rows of one item as the template writes them."""
    numbers = {name: [getattr(value, name) for value in values] for name, _, _ in measures if name != "cover"}
    if any(name == "cover" for name, _, _ in measures):
        stock, demand = (np.array([[getattr(v, name) for v in values]]) for name in ("stock", "demand"))
        numbers["cover"] = days_of_cover(stock, demand)[0].tolist()
    return [
        {"label": label, "unit": unit, "cells": [_cell(name, number) for number in numbers[name]]}
        for name, label, unit in measures
    ]


def _cell(name: str, number: float) -> dict[str, str]:
    short = name in {"backlog", "lost"} and number > 0.5
    if number == float("inf"):
        return {"text": "no demand", "title": "Nothing is asked for in the months that follow.", "class": ""}
    text = grouped(number, 0)
    if name in {"backlog", "lost"} and not short:
        text = "–"
    return {"text": text, "title": f"{number:.4g}", "class": "short" if short else ""}


def values_or_404(run: SupplyRun | None, rows: QuerySet[SupplyValue]) -> list[SupplyValue]:
    """The months of an item; 404 for one the plan does not have, or the person may not see."""
    found = list(rows.filter(run=run).order_by("month")) if run else []
    if not found:
        raise Http404("The plan has no such item.")
    return found
