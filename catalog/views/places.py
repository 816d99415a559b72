"""Demand units, sites and resources."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.columns import (
    CODE,
    NAME,
    calendar_url,
    family_url,
    from_column,
    market_url,
    opens,
    product_url,
    resource_url,
    site_url,
    to_column,
)
from catalog.filters import DemandUnitFilter, ResourceFilter, SiteFilter
from catalog.models import DemandUnit, Resource, Site
from catalog.selectors import (
    calendars_visible_to,
    capacity_uses_visible_to,
    markets_visible_to,
    prices_visible_to,
    products_visible_to,
    resources_visible_to,
    sites_visible_to,
)
from catalog.views.base import EDIT, CatalogDetail, CatalogList, MasterAdd, MasterEdit, may_see_costs
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section

PER_UNIT = "Per unit of capacity."
COSTS = [
    Column("regular_cost", "Regular cost", kind="money", order="regular_cost", help=PER_UNIT),
    Column("overtime_cost", "Overtime cost", kind="money", order="overtime_cost", help=PER_UNIT),
]
KIND = Column("kind", "Kind", lambda row: row.get_kind_display(), order="kind")
ACTIVE = Column(
    "is_active",
    "Planned",
    lambda row: "Planned" if row.is_active else "Not planned",
    kind="badge",
    order="is_active",
    tone=lambda row: "good" if row.is_active else "quiet",
)


class DemandUnitForm(RowForm):
    visible = {"product": products_visible_to, "market": markets_visible_to}
    typed = frozenset({"product"})

    class Meta:
        model = DemandUnit
        fields = ["product", "market", "is_active"]
        labels = {"is_active": "Planned"}


class DemandUnitEditForm(RowForm):
    class Meta:
        model = DemandUnit
        fields = ["is_active"]
        labels = {"is_active": "Planned"}
        help_texts = {"is_active": "Without the tick it is no longer forecast and planned. Its past stays."}


class DemandUnitList(CatalogList):
    title = "Demand units"
    model = DemandUnit
    noun = "demand-unit"
    add_label = "Add a demand unit"
    columns = [
        Column("product", "Product", "product.name", order="product__name"),
        Column("product_code", "Product code", "product.code", kind="code", order="product__code"),
        Column("family", "Family", "product.family.name", order="product__family__name"),
        Column("market", "Market", "market.name", order="market__name"),
        Column("market_code", "Market code", "market.code", kind="code", order="market__code"),
        ACTIVE,
    ]
    filterset_class = DemandUnitFilter
    default_order = "product__name,market__name"
    empty = Empty(
        "No demand units here",
        "A demand unit is a product in a market: what is forecast and planned. Imports of sales add them.",
    )


class DemandUnitPage(CatalogDetail):
    model = DemandUnit
    noun = "demand-unit"
    list_label = "Demand units"
    facts = [
        Column("product", "Product", "product.name", link=opens("product", product_url)),
        Column("family", "Family", "product.family.name", link=lambda row: family_url(row.product.family)),
        Column("market", "Market", "market.name", link=opens("market", market_url)),
        Column("unit", "Unit", "product.unit.name"),
        Column("life_cycle", "Life cycle", lambda row: row.product.get_life_cycle_display()),
        ACTIVE,
    ]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        prices = prices_visible_to(person_of(request)).filter(product=row.product)
        here = prices.filter(market=row.market) | prices.filter(market=None)
        columns = [
            Column("market", "Market", lambda price: price.market or "Everywhere"),
            Column("amount", "Amount", kind="money"),
            Column("currency", "Currency", "currency_id"),
            from_column(),
            to_column(),
        ]
        add = reverse("catalog:price-add") + f"?product={row.product.code}&market={row.market.code}"
        return [
            table_section(
                "Prices here",
                here.order_by("market", "-valid"),
                columns,
                empty=Empty("No price yet", "The price of this product in this market stands here."),
                row_url=lambda price: reverse("catalog:price", args=[price.pk]),
                links=(Link("Set a price from a day on", add, EDIT),),
            )
        ]


class DemandUnitAdd(MasterAdd):
    model = DemandUnit
    noun = "demand-unit"
    heading = "Add a demand unit"
    form_class = DemandUnitForm


class DemandUnitEdit(MasterEdit):
    model = DemandUnit
    noun = "demand-unit"
    form_class = DemandUnitEditForm


class SiteForm(RowForm):
    visible = {"market": markets_visible_to, "calendar": calendars_visible_to}

    class Meta:
        model = Site
        fields = ["code", "name", "kind", "market", "calendar"]


class SiteList(CatalogList):
    title = "Sites"
    model = Site
    noun = "site"
    columns = [
        NAME,
        CODE,
        KIND,
        Column("market", "Market", "market.name", order="market__name"),
        Column("calendar", "Working calendar", "calendar.name", order="calendar__name"),
    ]
    filterset_class = SiteFilter
    empty = Empty("No sites here", "Sites are plants, warehouses and suppliers. Import a file or add one.")


class SitePage(CatalogDetail):
    model = Site
    noun = "site"
    list_label = "Sites"
    facts = [
        CODE,
        KIND,
        Column("market", "Market", "market.name", link=opens("market", market_url)),
        Column("calendar", "Working calendar", "calendar.name", link=opens("calendar", calendar_url)),
    ]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        resources = resources_visible_to(person_of(request)).filter(site=row)
        add = reverse("catalog:resource-add") + f"?site={row.code}"
        return [
            table_section(
                "Resources",
                resources,
                [Column("name", "Resource"), CODE, Column("unit", "Measured in")],
                empty=Empty("No resources yet", "Lines, machines and teams of this site stand here."),
                row_url=resource_url,
                links=(Link("Add a resource", add, EDIT),),
            )
        ]


class SiteAdd(MasterAdd):
    model = Site
    noun = "site"
    form_class = SiteForm


class SiteEdit(MasterEdit):
    model = Site
    noun = "site"
    form_class = SiteForm


class ResourceForm(RowForm):
    visible = {"site": sites_visible_to}

    class Meta:
        model = Resource
        fields = ["code", "name", "site", "unit", "regular_cost", "overtime_cost"]
        labels = {"unit": "Capacity is measured in"}


class ResourceList(CatalogList):
    title = "Resources"
    model = Resource
    noun = "resource"
    columns = [
        NAME,
        CODE,
        Column("site", "Site", "site.name", order="site__name", link=opens("site", site_url)),
        Column("unit", "Measured in", order="unit"),
    ]
    filterset_class = ResourceFilter
    empty = Empty("No resources here", "Lines, machines and teams whose capacity is planned stand here.")

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [*self.columns, *COSTS] if may_see_costs(request) else self.columns


class ResourcePage(CatalogDetail):
    model = Resource
    noun = "resource"
    list_label = "Resources"
    facts = [
        CODE,
        Column("site", "Site", "site.name", link=opens("site", site_url)),
        Column("unit", "Measured in"),
    ]

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        return [*self.facts, *COSTS] if may_see_costs(request) else self.facts

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return () if may_see_costs(request) else ("regular_cost", "overtime_cost")

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        uses = capacity_uses_visible_to(person_of(request)).filter(resource=row)
        columns = [
            Column("product", "Product", "product.name", link=opens("product", product_url)),
            Column("code", "Code", "product.code", kind="code"),
            Column("life_cycle", "Life cycle", lambda use: use.product.get_life_cycle_display()),
            Column("per_unit", "Takes per unit", kind="factor", unit=row.unit),
            from_column(),
            to_column(),
        ]
        add = reverse("catalog:capacity-use-add") + f"?resource={row.code}"
        return [
            table_section(
                "Products made here",
                uses.order_by("product__name", "-valid"),
                columns,
                empty=Empty("No products yet", "The bill of capacity says what each product takes of it."),
                row_url=lambda use: reverse("catalog:capacity-use", args=[use.pk]),
                links=(Link("Add a product to it", add, EDIT),),
            )
        ]


class ResourceAdd(MasterAdd):
    model = Resource
    noun = "resource"
    form_class = ResourceForm


class ResourceEdit(MasterEdit):
    model = Resource
    noun = "resource"
    form_class = ResourceForm
