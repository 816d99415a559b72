"""Pages of credits, rules, splits, cancellations and holds."""

from django.urls import URLPattern, path

from compensation.views import cancellations, credit_rules, credits, holds, splits

CANCELLATION, HOLD, RULE = "pay/cancellations/<int:pk>/", "pay/holds/<int:pk>/", "pay/credit-rules/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("pay/credits/", credits.CreditList.as_view(), name="credit-list"),
    path("pay/credits/make/", credits.CreditMaking.as_view(), name="credit-making"),
    path("pay/credits/nobody/", credits.MissingCredits.as_view(), name="credit-missing"),
    path("pay/credits/<int:pk>/", credits.CreditPage.as_view(), name="credit"),
    path("pay/credit-rules/", credit_rules.RuleList.as_view(), name="credit-rule-list"),
    path("pay/credit-rules/add/", credit_rules.RuleAdd.as_view(), name="credit-rule-add"),
    path(RULE, credit_rules.RulePage.as_view(), name="credit-rule"),
    path(f"{RULE}edit/", credit_rules.RuleEdit.as_view(), name="credit-rule-edit"),
    path("pay/deals/<int:pk>/split/", splits.SplitPage.as_view(), name="split"),
    path("pay/cancellations/", cancellations.CancellationList.as_view(), name="cancellation-list"),
    path("pay/cancellations/add/", cancellations.CancellationAdd.as_view(), name="cancellation-add"),
    path("pay/cancellations/import/", cancellations.CancellationImport.as_view(), name="cancellation-import"),
    path(CANCELLATION, cancellations.CancellationPage.as_view(), name="cancellation"),
    path(f"{CANCELLATION}edit/", cancellations.CancellationEdit.as_view(), name="cancellation-edit"),
    path(f"{CANCELLATION}remove/", cancellations.CancellationRemove.as_view(), name="cancellation-remove"),
    path("pay/holds/", holds.HoldList.as_view(), name="hold-list"),
    path("pay/holds/add/", holds.HoldAdd.as_view(), name="hold-add"),
    path("pay/holds/release/", holds.HoldReleaseSeveral.as_view(), name="hold-release-several"),
    path(HOLD, holds.HoldPage.as_view(), name="hold"),
    path(f"{HOLD}edit/", holds.HoldEdit.as_view(), name="hold-edit"),
    path(f"{HOLD}release/", holds.HoldRelease.as_view(), name="hold-release"),
]
