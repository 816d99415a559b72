"""Pages of attainment and fairness."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
