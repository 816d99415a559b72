"""The API of the room: viewsets for the router, and addresses of their own."""

from typing import Any

from django.urls import URLPattern

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[URLPattern] = []
