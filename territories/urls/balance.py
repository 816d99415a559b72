"""Pages of balance and the map."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
