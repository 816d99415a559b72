"""The API's addresses: one router; each room registers its viewsets in its api/urls.py."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from catalog.api import urls as catalog_urls
from compensation.api import urls as compensation_urls
from core.api import urls as core_urls
from core.api.unknown import UnknownAddress
from crm.api import urls as crm_urls
from forecasting.api import urls as forecasting_urls
from gathering.api import urls as gathering_urls
from planning.api import urls as planning_urls
from territories.api import urls as territories_urls

ROOMS = (
    core_urls,
    catalog_urls,
    crm_urls,
    gathering_urls,
    territories_urls,
    forecasting_urls,
    compensation_urls,
    planning_urls,
)

router = SimpleRouter()
for room in ROOMS:
    for prefix, viewset, basename in room.VIEWSETS:
        router.register(prefix, viewset, basename=basename)

urlpatterns = [
    *core_urls.urlpatterns,
    *catalog_urls.urlpatterns,
    *crm_urls.urlpatterns,
    *gathering_urls.urlpatterns,
    *territories_urls.urlpatterns,
    *forecasting_urls.urlpatterns,
    *compensation_urls.urlpatterns,
    *planning_urls.urlpatterns,
    path("", include(router.urls)),
    re_path(r"^.*$", UnknownAddress.as_view(), name="api-unknown"),
]
