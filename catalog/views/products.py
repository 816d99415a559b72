"""Products: the list, and everything about one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.columns import (
    CODE,
    LIFE_CYCLE,
    NAME,
    demand_unit_url,
    family_url,
    from_column,
    opens,
    product_url,
    resource_url,
    to_column,
)
from catalog.engine.price_series import PriceChart, price_chart
from catalog.filters import ProductFilter
from catalog.models import LifeCycle, Product
from catalog.selectors import (
    bills_of_materials_visible_to,
    capacity_uses_visible_to,
    costs_visible_to,
    demand_units_visible_to,
    families_visible_to,
    path_of,
    prices_visible_to,
    products_visible_to,
    units_visible_to,
)
from catalog.views.base import EDIT, CatalogDetail, CatalogList, MasterAdd, MasterEdit, may_see_costs
from core.access import person_of
from core.formats import show
from core.forms import DayInput, RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, chart_section, plain_table, table_section

FAMILY = Column("family", "Family", "family.name", order="family__name", link=opens("family", family_url))
LAUNCHED = Column("launched_on", "Launched", kind="date", order="launched_on")
DISCONTINUED = Column("discontinued_on", "Discontinued", kind="date", order="discontinued_on")
STAGES = list(LifeCycle)


class ProductForm(RowForm):
    visible = {
        "family": families_visible_to,
        "unit": units_visible_to,
        "predecessor": products_visible_to,
    }
    typed = frozenset({"predecessor"})

    class Meta:
        model = Product
        fields = [
            "code",
            "name",
            "family",
            "unit",
            "life_cycle",
            "launched_on",
            "discontinued_on",
            "predecessor",
        ]
        widgets = {"launched_on": DayInput(), "discontinued_on": DayInput()}
        help_texts = {"predecessor": "The code of the product that this one replaces."}


class ProductList(CatalogList):
    title = "Products"
    model = Product
    noun = "product"
    columns = [NAME, CODE, FAMILY, LIFE_CYCLE, Column("unit", "Unit", "unit.name"), LAUNCHED, DISCONTINUED]
    filterset_class = ProductFilter
    default_order = "name"
    empty = Empty(
        "No products here", "Products are what is sold, planned and made. Import a file or add one."
    )


class ProductPage(CatalogDetail):
    model = Product
    noun = "product"
    list_label = "Products"
    template_name = "catalog/product.html"
    facts = [
        CODE,
        LIFE_CYCLE,
        FAMILY,
        Column("unit", "Unit", "unit.name"),
        LAUNCHED,
        DISCONTINUED,
        Column("predecessor", "Replaces", "predecessor.name", link=opens("predecessor", product_url)),
    ]

    def title(self, row: Any) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        above = [*path_of(row.family), row.family]
        return [*super().parents(request, row), *[Link(f.name, family_url(f)) for f in above]]

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"steps": life_cycle_steps(row), "steps_label": "Life cycle"}

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        return [*money_sections(request, row), *place_sections(request, row), *bill_sections(request, row)]


def life_cycle_steps(row: Product) -> list[dict[str, Any]]:
    """The life cycle as a line of steps, with the days that are known."""
    now = STAGES.index(LifeCycle(row.life_cycle))
    days = {LifeCycle.LAUNCH: row.launched_on, LifeCycle.DISCONTINUED: row.discontinued_on}
    return [
        {
            "label": stage.label,
            "state": "done" if place < now else "current" if place == now else "todo",
            "word": show(days[stage], "date")[0] if days.get(stage) else "",
        }
        for place, stage in enumerate(STAGES)
    ]


def money_sections(request: HttpRequest, row: Product) -> list[Section]:
    """Prices and, for those who may see them, costs: a chart and the rows."""
    person = person_of(request)
    prices = list(prices_visible_to(person).filter(product=row).order_by("market", "-valid"))
    costs = list(costs_visible_to(person).filter(product=row).order_by("site", "-valid"))
    chart = price_chart(prices, costs, timezone.localdate())
    drawn = [chart_section("Prices and costs over time", chart_context(chart))] if chart.series else []
    sections = [*drawn, _dated(request, "Prices", prices, _amount("market", "Market"), "price", row)]
    if may_see_costs(request):
        sections.append(_dated(request, "Costs", costs, _amount("site", "Site"), "cost", row))
    return sections


def _amount(place: str, label: str) -> list[Column]:
    everywhere = Column(place, label, lambda row: getattr(row, place) or "Everywhere")
    return [
        everywhere,
        Column("amount", "Amount", kind="money"),
        Column("currency", "Currency", "currency_id"),
        from_column(),
        to_column(),
    ]


def _dated(
    request: HttpRequest, title: str, rows: list[Any], columns: list[Column], noun: str, product: Product
) -> Section:
    add = reverse(f"catalog:{noun}-add") + f"?product={product.code}"
    label = f"Set a {noun} from a day on" if noun in {"price", "cost"} else "Add a line"
    return table_section(
        title,
        rows,
        columns,
        empty=Empty("None yet", f"{title} of this product stand here."),
        row_url=lambda row: reverse(f"catalog:{noun}", args=[row.pk]),
        links=(Link(label, add, EDIT),),
    )


def chart_context(chart: PriceChart) -> dict[str, Any]:
    """The context of parts/chart.html."""
    names = [show(month, "month")[0] for month in chart.months]
    drawn = [
        {"name": s.name, "role": "budget" if s.is_cost else f"part-{place}", "values": s.values}
        for place, s in enumerate(chart.series, start=1)
    ]
    columns = [Column("month", "Month", lambda line: line[0])]
    columns += [
        Column(f"s{place}", s.name, _nth(place), kind="money") for place, s in enumerate(chart.series)
    ]
    lines = list(zip(names, zip(*[s.values for s in chart.series], strict=True), strict=True))
    return {
        "id": "prices-over-time",
        "kind": "line",
        "title": "Prices and costs over time" if any(s.is_cost for s in chart.series) else "Prices over time",
        "subtitle": "Per unit, in the currency of each line",
        "text": "; ".join(_told(s) for s in chart.series),
        "data": {"x": names, "unit": "", "today": show(timezone.localdate(), "month")[0], "series": drawn},
        "table": plain_table(lines, columns, caption="Prices and costs", empty=Empty("None", "")),
    }


def _nth(place: int) -> Callable[[Any], Any]:
    """The value of one series in a line of the chart's table."""
    return lambda line: line[1][place]


def _told(series: Any) -> str:
    known = [value for value in series.values if value is not None]
    return (
        f"{series.name}: {known[0]:.2f} at first, {known[-1]:.2f} at last"
        if known
        else f"{series.name}: none"
    )


def place_sections(request: HttpRequest, row: Product) -> list[Section]:
    """Where the product is planned."""
    units = demand_units_visible_to(person_of(request)).filter(product=row).order_by("market__name")
    columns = [
        Column("market", "Market", "market.name"),
        Column("code", "Code", "market.code", kind="code"),
        Column("is_active", "Planned", kind="bool"),
    ]
    add = reverse("catalog:demand-unit-add") + f"?product={row.code}"
    return [
        table_section(
            "Where it is sold",
            units,
            columns,
            empty=Empty("Not planned anywhere yet", "Add a demand unit for each market that it is sold in."),
            row_url=demand_unit_url,
            links=(Link("Add a demand unit", add, EDIT),),
        )
    ]


def bill_sections(request: HttpRequest, row: Product) -> list[Section]:
    """What it is made of, what it takes, what it goes into, and what replaces it."""
    person = person_of(request)
    bills = bills_of_materials_visible_to(person)
    parts = bills.filter(product=row)
    uses = list(capacity_uses_visible_to(person).filter(product=row))
    used_in = [
        Column("product", "Goes into", "product.name", link=opens("product", product_url)),
        Column("quantity", "Quantity", kind="factor"),
        from_column(),
        to_column(),
    ]
    made_of = [
        Column("component", "Component", "component.name", link=opens("component", product_url)),
        Column("quantity", "Quantity", kind="factor"),
        Column("unit", "Unit", "component.unit.name"),
        from_column(),
        to_column(),
    ]
    takes = [
        Column("resource", "Resource", "resource.name", link=opens("resource", resource_url)),
        Column("site", "Site", "resource.site.name"),
        Column("per_unit", "Takes per unit", kind="factor"),
        Column("unit", "In", "resource.unit"),
        from_column(),
        to_column(),
    ]
    sections = [
        _dated(request, "Bill of material", list(parts), made_of, "bill-of-materials", row),
        _dated(request, "Bill of capacity", uses, takes, "capacity-use", row),
    ]
    above = list(bills.filter(component=row))
    if above:
        sections.append(table_section("Goes into", above, used_in, empty=Empty("", "")))
    successors = list(products_visible_to(person).filter(predecessor=row))
    if successors:
        columns = [Column("name", "Product"), CODE, LIFE_CYCLE]
        sections.append(
            table_section("Replaced by", successors, columns, empty=Empty("", ""), row_url=product_url)
        )
    return sections


class ProductAdd(MasterAdd):
    model = Product
    noun = "product"
    form_class = ProductForm


class ProductEdit(MasterEdit):
    model = Product
    noun = "product"
    form_class = ProductForm
