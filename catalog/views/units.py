"""Units of measure and what they are worth in each other."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from catalog.columns import CODE, NAME, opens, product_url
from catalog.filters import ConversionFilter, NamedFilter
from catalog.models import Unit, UnitConversion
from catalog.selectors import conversions_visible_to, products_visible_to, units_visible_to
from catalog.views.base import EDIT, CatalogDetail, CatalogList, MasterAdd, MasterEdit
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section


class UnitForm(RowForm):
    class Meta:
        model = Unit
        fields = ["code", "name"]


class UnitList(CatalogList):
    title = "Units"
    model = Unit
    noun = "unit"
    columns = [NAME, CODE]
    filterset_class = NamedFilter
    empty = Empty("No units here", "Units say what a quantity counts: pieces, cases, kilograms.")


CONVERSION = [
    Column("from_unit", "One", "from_unit.name", order="from_unit__name"),
    Column("factor", "Holds", kind="factor", order="factor"),
    Column("to_unit", "Of", "to_unit.name", order="to_unit__name"),
    Column("product", "Product", lambda row: row.product or "All products", order="product__name"),
]


class UnitPage(CatalogDetail):
    model = Unit
    noun = "unit"
    list_label = "Units"
    facts = [CODE]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        rows = conversions_visible_to(person_of(request)).filter(Q(from_unit=row) | Q(to_unit=row))
        add = reverse("catalog:unit-conversion-add") + f"?from_unit={row.code}"
        return [
            table_section(
                "Conversions",
                rows,
                CONVERSION,
                empty=Empty("No conversions yet", "How many of one unit another holds stands here."),
                row_url=lambda conversion: reverse("catalog:unit-conversion", args=[conversion.pk]),
                links=(Link("Add a conversion", add, EDIT),),
            )
        ]


class UnitAdd(MasterAdd):
    model = Unit
    noun = "unit"
    form_class = UnitForm


class UnitEdit(MasterEdit):
    model = Unit
    noun = "unit"
    form_class = UnitForm


class ConversionForm(RowForm):
    visible = {"product": products_visible_to, "from_unit": units_visible_to, "to_unit": units_visible_to}
    typed = frozenset({"product"})

    class Meta:
        model = UnitConversion
        fields = ["from_unit", "factor", "to_unit", "product"]
        labels = {"from_unit": "One", "factor": "Holds", "to_unit": "Of"}
        help_texts = {"product": "The code of the product; empty means all products."}


class ConversionList(CatalogList):
    title = "Unit conversions"
    model = UnitConversion
    noun = "unit-conversion"
    columns = CONVERSION
    filterset_class = ConversionFilter
    default_order = "from_unit__name,to_unit__name"
    empty = Empty("No conversions here", "A conversion says how many of one unit another holds.")


class ConversionPage(CatalogDetail):
    model = UnitConversion
    noun = "unit-conversion"
    list_label = "Unit conversions"
    facts = [
        *CONVERSION[:3],
        Column("product", "Product", "product.name", link=opens("product", product_url)),
    ]

    def title(self, row: Any) -> str:
        return f"{row.from_unit.name} in {row.to_unit.name}"


class ConversionAdd(MasterAdd):
    model = UnitConversion
    noun = "unit-conversion"
    form_class = ConversionForm


class ConversionEdit(MasterEdit):
    model = UnitConversion
    noun = "unit-conversion"
    form_class = ConversionForm
