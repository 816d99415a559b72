"""The API of balance and the map."""

from typing import Any

from django.urls import path

from territories.api.balance import BalanceView
from territories.api.map import MapView
from territories.api.work import AccountWorkViewSet, RepBaseViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("account-work", AccountWorkViewSet, "account-work"),
    ("rep-bases", RepBaseViewSet, "rep-base"),
]
urlpatterns: list[Any] = [
    path("territory-balance/", BalanceView.as_view(), name="territory-balance"),
    path("territory-map/", MapView.as_view(), name="territory-map"),
]
