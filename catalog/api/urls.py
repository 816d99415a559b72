"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from catalog.api import calendars, dated, money, places, products, scopes

VIEWSETS: list[tuple[str, Any, str]] = [
    ("families", products.FamilyViewSet, "family"),
    ("units", products.UnitViewSet, "unit"),
    ("unit-conversions", products.ConversionViewSet, "unit-conversion"),
    ("products", products.ProductViewSet, "product"),
    ("markets", places.MarketViewSet, "market"),
    ("demand-units", places.DemandUnitViewSet, "demand-unit"),
    ("sites", places.SiteViewSet, "site"),
    ("resources", places.ResourceViewSet, "resource"),
    ("capacity-uses", dated.CapacityUseViewSet, "capacity-use"),
    ("bills-of-materials", dated.BillOfMaterialsViewSet, "bill-of-materials"),
    ("prices", dated.PriceViewSet, "price"),
    ("costs", dated.CostViewSet, "cost"),
    ("currencies", money.CurrencyViewSet, "currency"),
    ("month-rates", money.MonthRateViewSet, "month-rate"),
    ("calendars", calendars.CalendarViewSet, "calendar"),
    ("calendar-exceptions", calendars.ExceptionViewSet, "calendar-exception"),
    ("scopes", scopes.ScopeViewSet, "scope"),
]
urlpatterns: list[Any] = []
