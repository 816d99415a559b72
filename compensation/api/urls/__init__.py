"""The API of the room, a module for each part."""

from compensation.api.urls import builder, costs, credits, disputes, plans, runs, statements, studies

PARTS = (builder, plans, credits, runs, statements, disputes, studies, costs)
VIEWSETS = [entry for part in PARTS for entry in part.VIEWSETS]
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
