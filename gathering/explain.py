"""Where facts come from: a month's sales, a stock, a capacity, a budget, down to imports and files."""

import datetime as dt
from functools import partial
from typing import Any

from django.db.models import F
from django.urls import reverse

from catalog.explain import SLICE, Summed, Total, slice_from, total_of, unit_of
from catalog.selectors import base_currency, demand_units_visible_to
from core.explain import Explanation, Fact, address, found, largest, month, number, register
from core.formats import show
from core.models import Person
from core.roles import can
from gathering.models import Budget, ImportRun, Sales
from gathering.selectors import facts
from gathering.selectors.sums import budget_in_force


@register("sales", "unit", "month", action="facts.view")
def sales(person: Person, unit: str, when: str) -> Explanation:
    """What a demand unit sold in a month: the files whose order lines add up to it."""
    at = month(when)
    unit_row = found(demand_units_visible_to(person).filter(pk=number(unit)).first(), "demand unit")
    row = facts.sales_of_unit(person, unit_row.pk).filter(month=at).first()
    files = [_file(person, unit_row, one) for one in facts.files_behind(person, unit_row.pk, at)]
    return Explanation(
        label=f"Sold in {at:%b %Y}",
        value=row.quantity if row else 0,
        unit=unit_row.product.unit.name.lower(),
        formula="The sum of the month's order lines." if row else "No order line of this month came in.",
        parts=tuple(files) if files else tuple(_only_run(person, row) if row else ()),
        source=Fact("History", str(unit_row), reverse("gathering:history", args=[unit_row.pk])),
        facts=_of_sales(row) if row else (),
    )


def _of_sales(row: Any) -> tuple[Fact, ...]:
    return (
        Fact("Revenue", f"{show(row.revenue, 'money')[0]} {base_currency()}"),
        Fact("Returned", show(row.returned_quantity, "quantity")[0]),
        Fact("Order lines", show(row.lines, "quantity")[0]),
    )


def _file(person: Person, unit: Any, brought: dict[str, Any]) -> Explanation:
    what = "returns in " if brought["kind"] == "return" else ""
    return Explanation(
        label=f"{what}{brought['file']}",
        value=brought["quantity"],
        unit=unit.product.unit.name.lower(),
        facts=(Fact("Order lines", show(brought["lines"], "quantity")[0]),),
        source=_import(person, brought["run_id"], brought["committed"]),
    )


def _only_run(person: Person, row: Any) -> list[Explanation]:
    """The last import that wrote the month, where its lines are not kept."""
    source = _import(person, row.run_id, row.run.committed)
    return [Explanation(row.run.file_name, row.quantity, source=source)]


def _import(person: Person, run: int, committed: dt.datetime | None) -> Fact:
    """The import behind a number; its page only for those who may see imports."""
    url = reverse("gathering:import-detail", args=[run]) if can(person, "imports.view") else ""
    return Fact("Import", f"no. {run}, committed {show(committed, 'time')[0]}", url)


def import_fact(person: Person, run: ImportRun) -> Fact:
    """The import that brought a row, by its file."""
    url = reverse("gathering:import-detail", args=[run.pk]) if can(person, "imports.view") else ""
    return Fact("Import", f"{run.file_name}, committed {show(run.committed, 'time')[0]}", url)


@register("stock", "stock", action="facts.view")
def stock(person: Person, key: str) -> Explanation:
    """What was on hand at a site at the end of a day: the import that said so."""
    row = found(facts.stock_visible_to(person).filter(pk=number(key)).first(), "stock")
    return Explanation(
        label=f"{row.product.name} at {row.site.name}, {row.day.day} {row.day:%b %Y}",
        value=row.quantity,
        unit=row.product.unit.name.lower(),
        formula="On hand at the end of the day, as it was imported.",
        source=import_fact(person, row.run),
    )


@register("capacity", "resource", "month", action="facts.view")
def capacity(person: Person, resource: str, when: str) -> Explanation:
    """What a resource can give in a month: regular and overtime, and the import that said so."""
    at = month(when)
    rows = facts.capacity_visible_to(person).filter(resource=number(resource), month=at)
    row = found(rows.first(), "capacity")
    return Explanation(
        label=f"Capacity of {row.resource.name}, {at:%b %Y}",
        value=row.regular,
        unit="units of capacity",
        formula="Regular capacity as it was imported; overtime comes on top.",
        facts=(Fact("Overtime at most", show(row.overtime, "quantity")[0]),),
        source=import_fact(person, row.run),
    )


@register("sales-total", *SLICE, action="facts.view")
def sales_total(person: Person, family: str, market: str, first: str, last: str, measure: str) -> Explanation:
    """Sales over a slice: its largest parts, by family, then market, month, demand unit."""
    part = slice_from(person, family, market, first, last)
    summed = Summed(
        Sales.objects.all(),
        "demand_unit__product__family",
        "demand_unit__market",
        "demand_unit",
        {"units": F("quantity"), "revenue": F("revenue"), "cost": F("cost")},
    )
    source = Fact("Sales", "by month", reverse("gathering:sales-list"))
    cell = partial(address, "sales")
    return total_of(person, Total("sales-total", (), "Sales", summed, summed, cell, source), part, measure)


@register("budget-total", *SLICE, action="facts.view")
def budget_total(
    person: Person, family: str, market: str, first: str, last: str, measure: str
) -> Explanation:
    """The budget over a slice: its largest lines, each with the import that brought it."""
    part = slice_from(person, family, market, first, last)
    column = {"units": "quantity", "revenue": "revenue"}.get(measure)
    rows = part.of(budget_in_force(person, part.first, part.last), "leaf", "market")
    rows = rows.exclude(**{found(column, "measure of a budget"): None})
    unit = unit_of(measure)
    lines = [_budget_line(person, row, getattr(row, str(column)), unit) for row in rows]
    return Explanation(
        label=f"Budget of {part}",
        value=sum(float(line.value or 0) for line in lines),
        unit=unit,
        formula="The sum of the budget's lines. Where several budgets cover a month, the last named counts.",
        parts=largest(lines),
        source=Fact("Budget", "all lines", reverse("gathering:budget-list")),
    )


def _budget_line(person: Person, row: Budget, value: Any, unit: str) -> Explanation:
    what = row.product or row.family
    return Explanation(
        label=f"{what.name if what else ''} in {row.market.name}, {row.month:%b %Y}",
        value=value,
        unit=unit,
        facts=(Fact("Budget", row.name),),
        source=import_fact(person, row.run),
    )
