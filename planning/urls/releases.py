"""Pages of stages 4 and 5: reconciliation, approvals, releases, monitoring."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
