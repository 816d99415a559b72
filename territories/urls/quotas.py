"""Pages of quotas."""

from django.urls import URLPattern, path

from territories.views import quota_actions as actions
from territories.views import quota_overlays as overlays
from territories.views import quota_plans as plans
from territories.views import quota_sheets as sheets
from territories.views import quota_whatif as what_if
from territories.views import quotas

PLANS = "territories/quotas/"
ONE = f"{PLANS}<int:pk>/"
ROW = f"{PLANS}rows/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(PLANS, plans.QuotaPlanList.as_view(), name="quota-plan-list"),
    path(f"{PLANS}add/", plans.QuotaPlanAdd.as_view(), name="quota-plan-add"),
    path(f"{PLANS}mine/", sheets.OwnQuota.as_view(), name="quota-own"),
    path(f"{PLANS}mine/<int:pk>/", sheets.OwnProposal.as_view(), name="quota-own-proposal"),
    path(ONE, plans.QuotaPlanPage.as_view(), name="quota-plan"),
    path(f"{ONE}edit/", plans.QuotaPlanEdit.as_view(), name="quota-plan-edit"),
    path(f"{ONE}allocate/", actions.QuotaAllocate.as_view(), name="quota-allocate"),
    path(f"{ONE}overlays/add/", overlays.OverlayQuotaAdd.as_view(), name="quota-overlay-add"),
    path(f"{ONE}target/", actions.QuotaTarget.as_view(), name="quota-target"),
    path(f"{ONE}version/", actions.QuotaVersion.as_view(), name="quota-version"),
    path(f"{ONE}delete/", actions.QuotaPlanDelete.as_view(), name="quota-plan-delete"),
    path(f"{ONE}moves/<slug:name>/", actions.QuotaPlanMove.as_view(), name="quota-plan-move"),
    path(f"{ONE}what-if/", what_if.QuotaWhatIf.as_view(), name="quota-what-if"),
    path(f"{ONE}compare/<int:other>/", what_if.QuotaCompare.as_view(), name="quota-compare"),
    path(f"{ONE}mine/", sheets.OwnSheet.as_view(), name="quota-own-sheet"),
    path(f"{ONE}accept/", sheets.SheetAccept.as_view(), name="quota-accept"),
    path(f"{ONE}reps/<int:rep>/", sheets.QuotaSheet.as_view(), name="quota-sheet"),
    path(ROW, quotas.QuotaPage.as_view(), name="quota"),
    path(f"{ROW}set/", quotas.QuotaSet.as_view(), name="quota-set"),
    path(f"{ROW}proposal/", quotas.QuotaPropose.as_view(), name="quota-propose"),
    path(f"{ROW}change/", quotas.QuotaAsk.as_view(), name="quota-ask"),
    path(f"{ROW}start/", quotas.QuotaStart.as_view(), name="quota-start"),
    path(f"{PLANS}changes/<int:pk>/decide/", quotas.ChangeDecide.as_view(), name="quota-change-decide"),
    path(f"{PLANS}changes/<int:pk>/withdraw/", quotas.ChangeWithdraw.as_view(), name="quota-change-withdraw"),
]
