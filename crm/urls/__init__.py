"""The pages of the room, a module for each part."""

from crm.urls import accounts, deals, hooks, inbox, leads, papers, pipeline

app_name = "crm"
PARTS = (accounts, deals, pipeline, leads, papers, inbox, hooks)
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
