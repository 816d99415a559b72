"""Prices, costs, bills of capacity and of material."""

from typing import Any

from django.http import HttpRequest

from catalog.columns import from_column, opens, product_url, resource_url, to_column
from catalog.filters import BillOfMaterialsFilter, CapacityUseFilter, CostFilter, PriceFilter
from catalog.models import BillOfMaterials, CapacityUse, Cost, Price
from catalog.selectors import (
    currencies_visible_to,
    markets_visible_to,
    products_visible_to,
    resources_visible_to,
    sites_visible_to,
)
from catalog.views.base import CatalogDetail, CatalogList, DatedAdd, DatedEdit, DatedForm
from core.listing import Column, Empty
from core.pages import Link

COSTS = "catalog.costs"
PRODUCT = [
    Column("product", "Product", "product.name", order="product__name", link=opens("product", product_url)),
    Column("product_code", "Product code", "product.code", kind="code", order="product__code"),
]
MARKET = Column("market", "Market", lambda row: row.market or "Everywhere", order="market__name")
SITE = Column("site", "Site", lambda row: row.site or "Everywhere", order="site__name")
RESOURCE = Column(
    "resource", "Resource", "resource.name", order="resource__name", link=opens("resource", resource_url)
)
COMPONENT = Column(
    "component", "Component", "component.name", order="component__name", link=opens("component", product_url)
)
AMOUNT = Column("amount", "Amount", kind="money", order="amount")
CURRENCY = Column("currency", "Currency", "currency_id", order="currency")
PER_UNIT = Column("per_unit", "Takes per unit", kind="factor", order="per_unit")
MEASURED = Column("measured", "In", "resource.unit")
QUANTITY = Column("quantity", "Quantity", kind="factor", order="quantity")
TERM = [from_column(), to_column()]
MANY = frozenset({"product", "component"})


class DatedList(CatalogList):
    default_order = "product__name,valid"


class DatedPage(CatalogDetail):
    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [*super().parents(request, row), Link(row.product.name, product_url(row.product))]


class PriceForm(DatedForm):
    visible = {
        "product": products_visible_to,
        "market": markets_visible_to,
        "currency": currencies_visible_to,
    }
    typed = MANY

    class Meta:
        model = Price
        fields = ["product", "market", "currency", "amount"]
        help_texts = {"market": "Empty: everywhere."}


class PriceEditForm(DatedForm):
    visible = {"currency": currencies_visible_to}

    class Meta:
        model = Price
        fields = ["currency", "amount"]


class PriceList(DatedList):
    title = "Prices"
    model = Price
    noun = "price"
    add_label = "Set a price"
    columns = [*PRODUCT, MARKET, AMOUNT, CURRENCY, *TERM]
    filterset_class = PriceFilter
    empty = Empty("No prices here", "Prices say what a product is sold for, from day to day.")


class PricePage(DatedPage):
    model = Price
    noun = "price"
    list_label = "Prices"
    facts = [*PRODUCT, MARKET, AMOUNT, CURRENCY, *TERM]


class PriceAdd(DatedAdd):
    model = Price
    noun = "price"
    heading = "Set a price from a day on"
    form_class = PriceForm


class PriceEdit(DatedEdit):
    model = Price
    noun = "price"
    form_class = PriceEditForm


class CostForm(DatedForm):
    visible = {"product": products_visible_to, "site": sites_visible_to, "currency": currencies_visible_to}
    typed = MANY

    class Meta:
        model = Cost
        fields = ["product", "site", "currency", "amount"]
        help_texts = {"site": "Empty: everywhere."}


class CostEditForm(DatedForm):
    visible = {"currency": currencies_visible_to}

    class Meta:
        model = Cost
        fields = ["currency", "amount"]


class CostList(DatedList):
    action = COSTS
    title = "Costs"
    model = Cost
    noun = "cost"
    add_label = "Set a cost"
    columns = [*PRODUCT, SITE, AMOUNT, CURRENCY, *TERM]
    filterset_class = CostFilter
    empty = Empty("No costs here", "Costs say what one unit of a product costs, from day to day.")


class CostPage(DatedPage):
    action = COSTS
    model = Cost
    noun = "cost"
    list_label = "Costs"
    facts = [*PRODUCT, SITE, AMOUNT, CURRENCY, *TERM]


class CostAdd(DatedAdd):
    model = Cost
    noun = "cost"
    heading = "Set a cost from a day on"
    form_class = CostForm


class CostEdit(DatedEdit):
    model = Cost
    noun = "cost"
    form_class = CostEditForm


class CapacityUseForm(DatedForm):
    visible = {"product": products_visible_to, "resource": resources_visible_to}
    typed = MANY

    class Meta:
        model = CapacityUse
        fields = ["product", "resource", "per_unit"]
        labels = {"per_unit": "Takes per unit"}
        help_texts = {"per_unit": "In what the resource is measured in, usually hours."}


class CapacityUseEditForm(DatedForm):
    class Meta:
        model = CapacityUse
        fields = ["per_unit"]
        labels = {"per_unit": "Takes per unit"}


class CapacityUseList(DatedList):
    title = "Bills of capacity"
    model = CapacityUse
    noun = "capacity-use"
    add_label = "Add a line"
    columns = [*PRODUCT, RESOURCE, PER_UNIT, MEASURED, *TERM]
    filterset_class = CapacityUseFilter
    empty = Empty("No bills of capacity here", "They say how much of a resource one unit of a product takes.")


class CapacityUsePage(DatedPage):
    model = CapacityUse
    noun = "capacity-use"
    list_label = "Bills of capacity"
    facts = [*PRODUCT, RESOURCE, PER_UNIT, MEASURED, *TERM]


class CapacityUseAdd(DatedAdd):
    model = CapacityUse
    noun = "capacity-use"
    heading = "Add a line to a bill of capacity"
    form_class = CapacityUseForm


class CapacityUseEdit(DatedEdit):
    model = CapacityUse
    noun = "capacity-use"
    form_class = CapacityUseEditForm


class BillOfMaterialsForm(DatedForm):
    visible = {"product": products_visible_to, "component": products_visible_to}
    typed = MANY

    class Meta:
        model = BillOfMaterials
        fields = ["product", "component", "quantity"]
        help_texts = {"quantity": "How much of the component goes into one product."}


class BillOfMaterialsEditForm(DatedForm):
    class Meta:
        model = BillOfMaterials
        fields = ["quantity"]


class BillOfMaterialsList(DatedList):
    title = "Bills of material"
    model = BillOfMaterials
    noun = "bill-of-materials"
    add_label = "Add a line"
    columns = [*PRODUCT, COMPONENT, QUANTITY, Column("unit", "Unit", "component.unit.name"), *TERM]
    filterset_class = BillOfMaterialsFilter
    empty = Empty("No bills of material here", "They say how much of a component goes into one product.")


class BillOfMaterialsPage(DatedPage):
    model = BillOfMaterials
    noun = "bill-of-materials"
    list_label = "Bills of material"
    facts = [*PRODUCT, COMPONENT, QUANTITY, *TERM]


class BillOfMaterialsAdd(DatedAdd):
    model = BillOfMaterials
    noun = "bill-of-materials"
    heading = "Add a line to a bill of material"
    form_class = BillOfMaterialsForm


class BillOfMaterialsEdit(DatedEdit):
    model = BillOfMaterials
    noun = "bill-of-materials"
    form_class = BillOfMaterialsEditForm
