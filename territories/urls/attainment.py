"""Pages of attainment and fairness, and quotas by file."""

from django.urls import URLPattern, path

from territories.views.attainment import AttainmentPage, RepAttainment
from territories.views.attainment_deals import CountedDeals
from territories.views.attainment_lines import CreditedLines, OutsidePage
from territories.views.fairness import FairnessPage
from territories.views.quota_files import QuotaFile

urlpatterns: list[URLPattern] = [
    path("territories/attainment/", AttainmentPage.as_view(), name="attainment"),
    path("territories/attainment/reps/<int:pk>/", RepAttainment.as_view(), name="attainment-rep"),
    path("territories/attainment/deals/", CountedDeals.as_view(), name="attainment-deals"),
    path("territories/attainment/lines/", CreditedLines.as_view(), name="attainment-lines"),
    path("territories/attainment/outside/", OutsidePage.as_view(), name="attainment-outside"),
    path("territories/attainment/fairness/", FairnessPage.as_view(), name="fairness"),
    path("territories/quotas/<int:pk>/file/", QuotaFile.as_view(), name="quota-file"),
]
