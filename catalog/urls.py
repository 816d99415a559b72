"""Pages of the catalog."""

from typing import Any

from django.urls import URLPattern, path

from catalog.views import calendars, dated, money, places, products, scopes, trees, units

app_name = "catalog"


def pages(address: str, noun: str, listed: Any, shown: Any, added: Any, changed: Any) -> list[URLPattern]:
    """The four pages of a table: list, detail, add, edit."""
    at = f"catalog/{address}"
    return [
        path(f"{at}/", listed.as_view(), name=f"{noun}-list"),
        path(f"{at}/add/", added.as_view(), name=f"{noun}-add"),
        path(f"{at}/<int:pk>/", shown.as_view(), name=noun),
        path(f"{at}/<int:pk>/edit/", changed.as_view(), name=f"{noun}-edit"),
    ]


FAMILY = (trees.FamilyTree, trees.FamilyPage, trees.FamilyAdd, trees.FamilyEdit)
MARKET = (trees.MarketTree, trees.MarketPage, trees.MarketAdd, trees.MarketEdit)
PRODUCT = (products.ProductList, products.ProductPage, products.ProductAdd, products.ProductEdit)
UNIT = (units.UnitList, units.UnitPage, units.UnitAdd, units.UnitEdit)
CONVERSION = (units.ConversionList, units.ConversionPage, units.ConversionAdd, units.ConversionEdit)
DEMAND_UNIT = (
    places.DemandUnitList,
    places.DemandUnitPage,
    places.DemandUnitAdd,
    places.DemandUnitEdit,
)
SITE = (places.SiteList, places.SitePage, places.SiteAdd, places.SiteEdit)
RESOURCE = (places.ResourceList, places.ResourcePage, places.ResourceAdd, places.ResourceEdit)
CAPACITY = (dated.CapacityUseList, dated.CapacityUsePage, dated.CapacityUseAdd, dated.CapacityUseEdit)
MATERIAL = (
    dated.BillOfMaterialsList,
    dated.BillOfMaterialsPage,
    dated.BillOfMaterialsAdd,
    dated.BillOfMaterialsEdit,
)
PRICE = (dated.PriceList, dated.PricePage, dated.PriceAdd, dated.PriceEdit)
COST = (dated.CostList, dated.CostPage, dated.CostAdd, dated.CostEdit)
RATE = (money.RateGrid, money.RatePage, money.RateAdd, money.RateEdit)
CALENDAR = (calendars.CalendarList, calendars.CalendarPage, calendars.CalendarAdd, calendars.CalendarEdit)

urlpatterns: list[URLPattern] = [
    path("catalog/families/list/", trees.FamilyList.as_view(), name="family-rows"),
    *pages("families", "family", *FAMILY),
    path("catalog/markets/list/", trees.MarketList.as_view(), name="market-rows"),
    *pages("markets", "market", *MARKET),
    *pages("products", "product", *PRODUCT),
    *pages("units", "unit", *UNIT),
    *pages("unit-conversions", "unit-conversion", *CONVERSION),
    *pages("demand-units", "demand-unit", *DEMAND_UNIT),
    *pages("sites", "site", *SITE),
    *pages("resources", "resource", *RESOURCE),
    *pages("bills-of-capacity", "capacity-use", *CAPACITY),
    *pages("bills-of-material", "bill-of-materials", *MATERIAL),
    *pages("prices", "price", *PRICE),
    *pages("costs", "cost", *COST),
    path("catalog/rates/list/", money.RateList.as_view(), name="month-rate-rows"),
    *pages("rates", "month-rate", *RATE),
    path("catalog/currencies/", money.CurrencyList.as_view(), name="currency-list"),
    path("catalog/currencies/add/", money.CurrencyAdd.as_view(), name="currency-add"),
    path("catalog/currencies/<str:pk>/", money.CurrencyPage.as_view(), name="currency"),
    *pages("calendars", "calendar", *CALENDAR),
    path("catalog/exceptions/add/", calendars.ExceptionAdd.as_view(), name="calendar-exception-add"),
    path("catalog/exceptions/<int:pk>/", calendars.ExceptionPage.as_view(), name="calendar-exception"),
    path(
        "catalog/exceptions/<int:pk>/edit/",
        calendars.ExceptionEdit.as_view(),
        name="calendar-exception-edit",
    ),
    path(
        "catalog/exceptions/<int:pk>/remove/",
        calendars.ExceptionRemove.as_view(),
        name="calendar-exception-remove",
    ),
    path("settings/people/<int:pk>/scope/", scopes.ScopePage.as_view(), name="scope"),
    path(
        "settings/people/<int:pk>/scope/<int:scope>/remove/",
        scopes.ScopeRemove.as_view(),
        name="scope-remove",
    ),
]
