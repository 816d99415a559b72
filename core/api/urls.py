"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from django.urls import path

from core.api import explain, people, work

VIEWSETS: list[tuple[str, Any, str]] = [
    ("people", people.PersonViewSet, "person"),
    ("tokens", people.TokenViewSet, "token"),
    ("channels", people.ChannelViewSet, "channel"),
    ("events", work.EventViewSet, "event"),
    ("jobs", work.JobViewSet, "job"),
    ("notifications", work.NotificationViewSet, "notification"),
    ("comments", work.CommentViewSet, "comment"),
    ("company-settings", work.SettingViewSet, "company-setting"),
]
urlpatterns: list[Any] = [
    path("explain/<slug:kind>/<str:key>/", explain.ExplainView.as_view(), name="api-explain"),
]
