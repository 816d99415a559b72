"""Pages of coverage by day, covers and ownership changes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
