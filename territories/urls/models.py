"""Pages of territory models, territories, rules, pins and what came of them."""

from django.urls import URLPattern, path

from territories.views import model_moves, models, rule_lists, rules, territories
from territories.views.model_diff import ModelDiff
from territories.views.why_here import WhyHere

MODEL = "territories/models/<int:pk>/"
TERRITORY = "territories/territories/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("territories/models/", models.ModelList.as_view(), name="model-list"),
    path("territories/models/add/", models.ModelAdd.as_view(), name="model-add"),
    path(MODEL, models.ModelPage.as_view(), name="model"),
    path(f"{MODEL}edit/", models.ModelEdit.as_view(), name="model-edit"),
    path(f"{MODEL}copy/", model_moves.ModelCopy.as_view(), name="model-copy"),
    path(f"{MODEL}run/", model_moves.ModelRun.as_view(), name="model-run"),
    path(f"{MODEL}activate/", model_moves.ModelActivate.as_view(), name="model-activate"),
    path(f"{MODEL}archive/", model_moves.ModelArchive.as_view(), name="model-archive"),
    path(f"{MODEL}delete/", model_moves.ModelDelete.as_view(), name="model-delete"),
    path(f"{MODEL}compare/", ModelDiff.as_view(), name="model-diff"),
    path(
        "territories/models/<int:model>/territories/add/",
        territories.TerritoryAdd.as_view(),
        name="territory-add",
    ),
    path(TERRITORY, territories.TerritoryPage.as_view(), name="territory"),
    path(f"{TERRITORY}edit/", territories.TerritoryEdit.as_view(), name="territory-edit"),
    path(f"{TERRITORY}delete/", territories.TerritoryDelete.as_view(), name="territory-delete"),
    path("territories/rules/", rules.RuleList.as_view(), name="rule-list"),
    path("territories/rules/<int:pk>/", rules.RulePage.as_view(), name="rule"),
    path("territories/rules/<int:pk>/edit/", rules.RuleEdit.as_view(), name="rule-edit"),
    path("territories/territories/<int:territory>/rules/add/", rules.RuleAdd.as_view(), name="rule-add"),
    path("territories/territories/<int:territory>/pins/add/", rules.PinAdd.as_view(), name="pin-add"),
    path("territories/pins/<int:pk>/withdraw/", rules.PinWithdraw.as_view(), name="pin-withdraw"),
    path("territories/accounts/", rule_lists.PlacementList.as_view(), name="placement-list"),
    path("territories/gaps/", rule_lists.GapList.as_view(), name="gap-list"),
    path("territories/overlaps/", rule_lists.OverlapList.as_view(), name="overlap-list"),
    path("territories/accounts/<int:pk>/why/", WhyHere.as_view(), name="why-here"),
]
