"""Pages of deals and their stages."""

from django.urls import URLPattern, path

from crm.views.deal_stages import DealStageAdd, DealStageEdit, DealStageList
from crm.views.deals import (
    DealAdd,
    DealDelete,
    DealEdit,
    DealList,
    DealPage,
    DealRestore,
    LineAdd,
    LineEdit,
    LineRemove,
)

urlpatterns: list[URLPattern] = [
    path("crm/deals/", DealList.as_view(), name="deal-list"),
    path("crm/deals/add/", DealAdd.as_view(), name="deal-add"),
    path("crm/deals/<int:pk>/", DealPage.as_view(), name="deal"),
    path("crm/deals/<int:pk>/edit/", DealEdit.as_view(), name="deal-edit"),
    path("crm/deals/<int:pk>/delete/", DealDelete.as_view(), name="deal-delete"),
    path("crm/deals/<int:pk>/restore/", DealRestore.as_view(), name="deal-restore"),
    path("crm/deals/<int:pk>/lines/add/", LineAdd.as_view(), name="deal-line-add"),
    path("crm/deal-lines/<int:pk>/edit/", LineEdit.as_view(), name="deal-line-edit"),
    path("crm/deal-lines/<int:pk>/remove/", LineRemove.as_view(), name="deal-line-remove"),
    path("crm/deal-stages/", DealStageList.as_view(), name="deal-stage-list"),
    path("crm/deal-stages/add/", DealStageAdd.as_view(), name="deal-stage-add"),
    path("crm/deal-stages/<int:pk>/edit/", DealStageEdit.as_view(), name="deal-stage-edit"),
]
