"""Pages of realignment scenarios."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
