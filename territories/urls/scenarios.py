"""Pages of realignment scenarios."""

from django.urls import URLPattern, path

from territories.views import scenario_accounts, scenario_compare, scenario_map, scenario_page, scenarios

BASE = "territories/realignments/"
ONE = f"{BASE}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(BASE, scenarios.ScenarioList.as_view(), name="scenario-list"),
    path(f"{BASE}add/", scenarios.ScenarioAdd.as_view(), name="scenario-add"),
    path(f"{BASE}compare/", scenario_compare.ScenarioCompare.as_view(), name="scenario-compare"),
    path(ONE, scenario_page.ScenarioPage.as_view(), name="scenario"),
    path(f"{ONE}edit/", scenarios.ScenarioEdit.as_view(), name="scenario-edit"),
    path(f"{ONE}copy/", scenarios.ScenarioCopy.as_view(), name="scenario-copy"),
    path(f"{ONE}solve/<str:what>/", scenarios.ScenarioSolveNow.as_view(), name="scenario-solve"),
    path(f"{ONE}moves/<str:name>/", scenario_page.ScenarioMove.as_view(), name="scenario-move"),
    path(f"{ONE}accounts/", scenario_accounts.ScenarioAccounts.as_view(), name="scenario-accounts"),
    path(
        f"{ONE}accounts/change/",
        scenario_accounts.ScenarioAccountsChange.as_view(),
        name="scenario-accounts-change",
    ),
    path(f"{ONE}map/", scenario_map.ScenarioMapPage.as_view(), name="scenario-map"),
    path(
        f"{ONE}accounts/<int:account>/", scenario_map.ScenarioAccountPage.as_view(), name="scenario-account"
    ),
]
