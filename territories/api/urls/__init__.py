"""The API of the room, a module for each part."""

from territories.api.urls import attainment, balance, coverage, models, quotas, scenarios

PARTS = (models, coverage, balance, scenarios, quotas, attainment)
VIEWSETS = [entry for part in PARTS for entry in part.VIEWSETS]
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
