"""The API of the room, a module for each part."""

from crm.api.urls import accounts, deals, inbox, leads, papers, pipeline

PARTS = (accounts, deals, pipeline, leads, papers, inbox)
VIEWSETS = [entry for part in PARTS for entry in part.VIEWSETS]
urlpatterns = [pattern for part in PARTS for pattern in part.urlpatterns]
