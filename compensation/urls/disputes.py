"""Pages of disputes and contests."""

from django.urls import URLPattern, path

from compensation.views import contests, disputes
from compensation.views.dispute_figures import DisputeFiguresPage

DISPUTES = "pay/disputes/"
ONE = f"{DISPUTES}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(DISPUTES, disputes.DisputeList.as_view(), name="dispute-list"),
    path(f"{DISPUTES}add/", disputes.DisputeAdd.as_view(), name="dispute-add"),
    path(f"{DISPUTES}figures/", DisputeFiguresPage.as_view(), name="dispute-figures"),
    path("pay/contests/", contests.ContestList.as_view(), name="contest-list"),
    path("pay/contests/<int:version>/<str:code>/<str:last>/", contests.ContestPage.as_view(), name="contest"),
    path(ONE, disputes.DisputePage.as_view(), name="dispute"),
    path(f"{ONE}decide/", disputes.DisputeDecide.as_view(), name="dispute-decide"),
    path(f"{ONE}give/", disputes.DisputeGive.as_view(), name="dispute-give"),
    path(f"{ONE}withdraw/", disputes.DisputeWithdraw.as_view(), name="dispute-withdraw"),
]
