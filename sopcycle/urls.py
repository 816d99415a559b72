"""Addresses. Pages by room; everything they do is under /api/v1/ too."""

from django.urls import include, path

from core.api.schema import Schema
from sopcycle import api

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("core.urls")),
    path("", include("catalog.urls")),
    path("", include("crm.urls")),
    path("", include("gathering.urls")),
    path("", include("territories.urls")),
    path("", include("forecasting.urls")),
    path("", include("compensation.urls")),
    path("", include("planning.urls")),
    path("account/", include("allauth.urls")),
    path("api/schema/", Schema.as_view(), name="api-schema"),
    path("api/v1/", include(api.urlpatterns)),
]
