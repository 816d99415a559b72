"""The API of the room, a module for each part of the cycle."""

from planning.api.urls import cycles, demand, releases, supply

PARTS = (cycles, demand, supply, releases)
VIEWSETS = [entry for part in PARTS for entry in part.VIEWSETS]
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
