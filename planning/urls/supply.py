"""Pages of stage 3: supply and scenarios."""

from django.urls import URLPattern, path

from planning.views import scenarios, supply, supply_gaps, supply_grid, supply_item

SUPPLY, SCENARIOS = "cycles/<int:cycle_pk>/supply/", "cycles/<int:cycle_pk>/scenarios/"

urlpatterns: list[URLPattern] = [
    path(SUPPLY, supply.SupplyPage.as_view(), name="supply"),
    path(f"{SUPPLY}grid/", supply_grid.GridPage.as_view(), name="supply-grid"),
    path(f"{SUPPLY}items/<int:product>/<int:site>/", supply_item.ItemPage.as_view(), name="supply-item"),
    path(f"{SUPPLY}resources/<int:pk>/", supply_item.ResourcePage.as_view(), name="supply-resource"),
    path(f"{SUPPLY}gaps/<path:gap>/", supply_gaps.GapAction.as_view(), name="supply-gap"),
    path(SCENARIOS, scenarios.ScenarioList.as_view(), name="scenario-list"),
    path(f"{SCENARIOS}add/", scenarios.ScenarioAdd.as_view(), name="scenario-add"),
    path(f"{SCENARIOS}<int:pk>/edit/", scenarios.ScenarioEdit.as_view(), name="scenario-edit"),
    path(f"{SCENARIOS}<int:pk>/choose/", scenarios.ScenarioChoose.as_view(), name="scenario-choose"),
    path(f"{SCENARIOS}<int:pk>/solve/", supply.scenario_solve, name="scenario-solve"),
]
