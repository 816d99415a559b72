"""The API of balance and the map."""

from typing import Any

from territories.api.work import AccountWorkViewSet, RepBaseViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("account-work", AccountWorkViewSet, "account-work"),
    ("rep-bases", RepBaseViewSet, "rep-base"),
]
urlpatterns: list[Any] = []
