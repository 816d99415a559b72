"""Pages of the design studio."""

from django.urls import URLPattern, path

from compensation.views import studies

BASE = "pay/studio/"

urlpatterns: list[URLPattern] = [
    path(BASE, studies.StudyList.as_view(), name="study-list"),
    path(f"{BASE}add/", studies.StudyAdd.as_view(), name="study-add"),
    path(f"{BASE}<int:pk>/", studies.StudyPage.as_view(), name="study"),
    path(f"{BASE}<int:pk>/again/", studies.StudyAgain.as_view(), name="study-again"),
    path(f"{BASE}versions/<int:pk>/copy/", studies.StudioCopy.as_view(), name="study-copy"),
]
