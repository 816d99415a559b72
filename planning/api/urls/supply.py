"""The API of stage 3: supply and scenarios."""

from typing import Any

from django.urls import URLPattern

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[URLPattern] = []
