"""Families and markets: trees."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.columns import (
    CODE,
    LIFE_CYCLE,
    NAME,
    calendar_url,
    family_url,
    market_url,
    opens,
    product_url,
    site_url,
)
from catalog.filters import FamilyFilter, MarketFilter
from catalog.models import Family, Market
from catalog.selectors import (
    Node,
    calendars_visible_to,
    currencies_visible_to,
    families_below,
    families_visible_to,
    family_tree,
    market_tree,
    markets_visible_to,
    path_of,
    products_visible_to,
    sites_visible_to,
    subtree,
)
from catalog.views.base import EDIT, CatalogDetail, CatalogList, MasterAdd, MasterEdit, TreePage
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section

SHOWN = 100


class FamilyForm(RowForm):
    visible = {"parent": families_visible_to}

    class Meta:
        model = Family
        fields = ["code", "name", "parent"]


class FamilyTree(TreePage):
    heading = "Families"
    noun = "family"
    counted = ("product", "products")
    empty = ("No families yet", "Families group products into a tree. Add the first one or import a file.")

    def nodes(self, request: HttpRequest) -> list[Node]:
        return family_tree(person_of(request))


class FamilyList(CatalogList):
    title = "Families as a list"
    rows_name = "Families"
    model = Family
    noun = "family"
    columns = [CODE, NAME, Column("parent", "Parent", "parent.name", order="parent__name")]
    filterset_class = FamilyFilter
    empty = Empty("No families here", "No family matches the filters.")


class FamilyPage(CatalogDetail):
    model = Family
    noun = "family"
    list_label = "Families"
    facts = [CODE, Column("parent", "Parent", "parent.name", link=opens("parent", family_url))]

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        above = [Link(family.name, family_url(family)) for family in path_of(row)]
        return [*super().parents(request, row), *above]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        person = person_of(request)
        products = products_visible_to(person).filter(family__in=families_below([row.pk])).order_by("name")
        below = reverse("catalog:product-list") + f"?family={row.code}"
        add = reverse("catalog:product-add") + f"?family={row.code}"
        columns = [
            Column("name", "Product", "name"),
            CODE,
            Column("family", "Family", "family.name"),
            LIFE_CYCLE,
        ]
        return [
            branch_section("Families below", family_tree(person), row, "family", FamilyTree.counted),
            table_section(
                "Products",
                products[:SHOWN],
                columns,
                empty=Empty("No products yet", "Products of this family and of those below stand here."),
                row_url=product_url,
                links=(Link("Open all in the list", below), Link("Add a product", add, EDIT)),
            ),
        ]


def branch_section(title: str, trees: list[Node], row: Any, noun: str, counted: tuple[str, str]) -> Section:
    """What lies below a row, as a nested list."""
    node = subtree(trees, row.pk)
    context = {
        "nodes": node.children if node else [],
        "route": f"catalog:{noun}",
        "counted": counted,
        "empty": "Nothing lies below.",
    }
    add = reverse(f"catalog:{noun}-add") + f"?parent={row.code}"
    return Section(title, "catalog/subtree.html", context, links=(Link(f"Add a {noun} below", add, EDIT),))


class FamilyAdd(MasterAdd):
    model = Family
    noun = "family"
    form_class = FamilyForm


class FamilyEdit(MasterEdit):
    model = Family
    noun = "family"
    form_class = FamilyForm


class MarketForm(RowForm):
    visible = {
        "parent": markets_visible_to,
        "currency": currencies_visible_to,
        "calendar": calendars_visible_to,
    }

    class Meta:
        model = Market
        fields = ["code", "name", "kind", "parent", "currency", "calendar"]


class MarketTree(TreePage):
    heading = "Markets"
    noun = "market"
    counted = ("demand unit", "demand units")
    empty = ("No markets yet", "Markets are the regions, countries and channels in which demand is planned.")

    def nodes(self, request: HttpRequest) -> list[Node]:
        return market_tree(person_of(request))


KIND = Column("kind", "Kind", lambda row: row.get_kind_display(), order="kind")


class MarketList(CatalogList):
    title = "Markets as a list"
    rows_name = "Markets"
    model = Market
    noun = "market"
    columns = [
        CODE,
        NAME,
        KIND,
        Column("parent", "Parent", "parent.name", order="parent__name"),
        Column("currency", "Currency", "currency_id", order="currency"),
        Column("calendar", "Working calendar", "calendar.name", order="calendar__name"),
    ]
    filterset_class = MarketFilter
    empty = Empty("No markets here", "No market matches the filters.")


class MarketPage(CatalogDetail):
    model = Market
    noun = "market"
    list_label = "Markets"
    facts = [
        CODE,
        KIND,
        Column("parent", "Parent", "parent.name", link=opens("parent", market_url)),
        Column("currency", "Currency", "currency_id"),
        Column("calendar", "Working calendar", "calendar.name", link=opens("calendar", calendar_url)),
    ]

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        above = [Link(market.name, market_url(market)) for market in path_of(row)]
        return [*super().parents(request, row), *above]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        person = person_of(request)
        units = reverse("catalog:demand-unit-list") + f"?market={row.code}"
        branch = branch_section("Markets below", market_tree(person), row, "market", MarketTree.counted)
        return [
            branch,
            table_section(
                "Sites",
                sites_visible_to(person).filter(market=row),
                [Column("name", "Site", "name"), CODE, KIND],
                empty=Empty("No sites yet", "Plants, warehouses and suppliers in this market stand here."),
                row_url=site_url,
                links=(Link("Open its demand units", units),),
            ),
        ]


class MarketAdd(MasterAdd):
    model = Market
    noun = "market"
    form_class = MarketForm


class MarketEdit(MasterEdit):
    model = Market
    noun = "market"
    form_class = MarketForm
