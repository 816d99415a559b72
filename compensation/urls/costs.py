"""Pages of contract costs and the cost of selling."""

from django.urls import URLPattern, path

from compensation.views import contract_costs as contracts
from compensation.views.selling_costs import SellingCostsPage

COSTS = "pay/costs/"
DEAL = f"{COSTS}contracts/deals/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(COSTS, SellingCostsPage.as_view(), name="cost-of-selling"),
    path(f"{COSTS}contracts/", contracts.ContractCosts.as_view(), name="contract-costs"),
    path(f"{COSTS}contracts/deals/", contracts.ContractDeals.as_view(), name="contract-deals"),
    path(DEAL, contracts.ContractDeal.as_view(), name="contract-deal"),
    path(f"{DEAL}term/", contracts.ContractTermEdit.as_view(), name="contract-term"),
]
