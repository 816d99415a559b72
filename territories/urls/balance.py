"""Pages of balance and the map."""

from django.urls import path

from territories.views import account_map, balance, work

urlpatterns = [
    path("territories/balance/", balance.BalancePage.as_view(), name="balance"),
    path("territories/map/", account_map.MapPage.as_view(), name="map"),
    path("territories/work/", work.WorkList.as_view(), name="work-list"),
    path("territories/work/import/", work.WorkImport.as_view(), name="work-import"),
    path("territories/work/<int:pk>/", work.WorkEdit.as_view(), name="work"),
    path("territories/bases/", work.BaseList.as_view(), name="base-list"),
    path("territories/bases/import/", work.BaseImport.as_view(), name="base-import"),
    path("territories/bases/<int:pk>/", work.BaseEdit.as_view(), name="base"),
]
