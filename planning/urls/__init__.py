"""The pages of the room, a module for each part of the cycle."""

from planning.urls import cycles, demand, releases, supply

app_name = "planning"
urlpatterns = [*cycles.urlpatterns, *demand.urlpatterns, *supply.urlpatterns, *releases.urlpatterns]
