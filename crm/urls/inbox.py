"""Pages of what CRMs push."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
