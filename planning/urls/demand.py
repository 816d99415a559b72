"""Pages of stages 1 and 2: data and demand."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
