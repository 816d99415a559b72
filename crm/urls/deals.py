"""Pages of deals and their stages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
