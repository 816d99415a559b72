"""The pages of the room, a module for each part."""

from compensation.urls import builder, costs, credits, disputes, goals, plans, runs, statements, studies

app_name = "compensation"
PARTS = (builder, goals, plans, credits, runs, statements, disputes, studies, costs)
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
