"""The API of contract costs and the cost of selling."""

from typing import Any

from django.urls import path

from compensation.api import contract_costs as contracts

VIEWSETS: list[tuple[str, Any, str]] = [("contract-terms", contracts.ContractTermViewSet, "contract-term")]
urlpatterns: list[Any] = [
    path("cost-of-selling/", contracts.SellingCostsView.as_view(), name="api-cost-of-selling"),
    path("contract-costs/", contracts.ContractCostsView.as_view(), name="api-contract-costs"),
    path(
        "contract-costs/deals/",
        contracts.ContractDealsViewSet.as_view({"get": "list"}),
        name="api-contract-deals",
    ),
    path("contract-costs/deals/<int:pk>/", contracts.ContractDealView.as_view(), name="api-contract-deal"),
]
