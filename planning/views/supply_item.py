"""One item, or one resource, of the supply plan: its months, and why they are so."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from catalog.models import CapacityUse
from catalog.selectors import base_currency
from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.explain import address
from core.formats import grouped
from core.listing import Column, Empty
from core.pages import plain_table
from planning.models import ResourceLoad, SupplyValue
from planning.selectors.supply import run_of
from planning.selectors.supply_plan import full_spans, loads_visible_to, values_visible_to
from planning.views.base import CyclePage
from planning.views.supply_grid import MEASURES, grid_rows, values_or_404
from planning.views.supply_words import line_chart, month_name, span_name

NO_MONTHS = Empty("No months", "The plan has no months.")


class ItemPage(CyclePage):
    """A product at a site."""

    action = "supply.view"
    place = "supply"

    def get(self, request: HttpRequest, cycle_pk: int, product: int, site: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        run = run_of(cycle)
        values = values_or_404(run, values_visible_to(person).filter(product=product, site=site))
        uses = CapacityUse.objects.filter(
            product=product, resource__site=site, valid__contains=cycle.month
        ).values_list("resource")
        loads = list(
            loads_visible_to(person).filter(run=run, resource__in=uses).order_by("resource__code", "month")
        )
        context = {
            "item": values[0],
            "chart": _chart(values),
            "whys": _whys(values, loads, may_see_costs(person)),
            "months": [month_name(value.month) for value in values],
            "rows": _explained(grid_rows(values, MEASURES), values),
        }
        return self.show(request, cycle, "planning/supply_item.html", context)


def _explained(rows: list[dict[str, Any]], values: list[SupplyValue]) -> list[dict[str, Any]]:
    """The rows with the address that explains each number; days of cover are worked out on the page."""
    for row, (measure, _, _) in zip(rows, MEASURES, strict=True):
        for cell, value in zip(row["cells"], values, strict=True):
            place = (value.run_id, value.product_id, value.site_id, value.month, measure)
            cell["url"] = address("supply", *place) if measure != "cover" else ""
    return rows


def _chart(values: list[SupplyValue]) -> dict[str, Any]:
    supplied = [value.make + value.buy for value in values]
    series = [
        ("Demand", "consensus", [value.demand for value in values]),
        ("Made and bought", "supply", supplied),
        ("Stock", "statistical", [value.stock for value in values]),
        ("Target", "budget", [value.target for value in values]),
        ("Owed", "last", [value.backlog for value in values]),
    ]
    return line_chart("item", _title(values), "Units a month", values, series)


def _title(values: list[SupplyValue]) -> str:
    owed = [value for value in values if value.backlog > 0.5]
    lost = sum(value.lost for value in values)
    if lost > 0.5:
        return f"{grouped(lost, 0)} units are never delivered"
    if owed:
        return f"Orders wait from {span_name(owed[0].month, owed[-1].month)}"
    return "Every order is delivered in its month"


def _whys(values: list[SupplyValue], loads: list[ResourceLoad], with_costs: bool) -> list[str]:
    """Why the plan does what it does with this item, as the solver's prices tell it."""
    sentences = []
    by_resource: dict[Any, list[ResourceLoad]] = {}
    for load in loads:
        by_resource.setdefault(load.resource, []).append(load)
    for resource, rows in by_resource.items():
        for first, last, price in full_spans(rows):
            extra = f" One more {resource.unit} would save {grouped(price, 2)}." if with_costs else ""
            sentences.append(f"{resource.name} is full {span_name(first, last)}.{extra}")
    if not by_resource:
        sentences.append("Nothing the company has a capacity for makes it: it is bought.")
    elif not sentences:
        sentences.append("None of the resources that make it is full: it is made when it is asked for.")
    bought = [value for value in values if value.buy > 0.5]
    if bought and by_resource:
        units = grouped(sum(value.buy for value in bought), 0)
        sentences.append(f"{units} units are outsourced: that costs less than making everybody wait.")
    dearest = max(values, key=lambda value: value.demand_price or 0.0)
    if with_costs and dearest.demand_price:
        money = base_currency()
        sentences.append(
            f"One more unit asked for in {month_name(dearest.month)} would cost "
            f"{grouped(dearest.demand_price, 2)} {money}; a unit usually costs {grouped(dearest.cost, 2)}."
        )
    return sentences


class ResourcePage(CyclePage):
    """A resource: what is wanted of it, what the plan takes, what it has."""

    action = "supply.view"
    place = "supply"

    def get(self, request: HttpRequest, cycle_pk: int, pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        rows = loads_visible_to(person).filter(run=run_of(cycle), resource=pk).order_by("month")
        loads = list(rows)
        if not loads:
            raise Http404("The plan does not use this resource.")
        resource = loads[0].resource
        series = [
            ("Wanted", "consensus", [load.wanted for load in loads]),
            ("Planned", "supply", [load.load for load in loads]),
            ("Regular", "history", [load.regular for load in loads]),
            ("With overtime", "budget", [load.regular + load.overtime_limit for load in loads]),
        ]
        over = sum(load.wanted > load.regular + load.overtime_limit + 1e-6 for load in loads)
        title = f"Wanted for more than it has in {over} of {len(loads)} months" if over else "There is room"
        unit = f"{resource.unit}s"
        context = {
            "resource": resource,
            "chart": line_chart("resource", title, f"{unit.capitalize()} a month", loads, series, unit),
            "table": _table(loads, unit, may_see_costs(person)),
        }
        return self.show(request, cycle, "planning/supply_resource.html", context)


def _table(loads: list[ResourceLoad], unit: str, with_costs: bool) -> dict[str, Any]:
    columns = [
        Column("month", "Month", kind="month"),
        Column("wanted", "Wanted", kind="quantity", unit=unit),
        Column(
            "load",
            "Planned",
            kind="quantity",
            unit=unit,
            link=lambda row: address("load", row.run_id, row.resource_id, row.month),
        ),
        Column("regular", "Regular", kind="quantity", unit=unit),
        Column("overtime", "Overtime used", kind="quantity", unit=unit),
        Column("overtime_limit", "Overtime possible", kind="quantity", unit=unit),
    ]
    if with_costs:
        help_text = "What one more unit of regular capacity would save."
        columns.append(
            Column("capacity_price", "One more saves", kind="money", unit=base_currency(), help=help_text)
        )
    return plain_table(loads, columns, caption="Months", empty=NO_MONTHS)
