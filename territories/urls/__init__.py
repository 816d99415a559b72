"""The pages of the room, a module for each part."""

from territories.urls import attainment, balance, coverage, models, quotas, scenarios

app_name = "territories"
PARTS = (models, coverage, balance, scenarios, quotas, attainment)
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
