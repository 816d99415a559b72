"""Pages of order papers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
