"""Pages of the room."""

from django.urls import path

from dashboards.views import home, search

app_name = "dashboards"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("search/", search.Search.as_view(), name="search"),
]
