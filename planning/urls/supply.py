"""Pages of stage 3: supply and scenarios."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
