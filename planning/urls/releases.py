"""Pages of stages 4 and 5: reconciliation, approvals, releases, monitoring."""

from django.urls import URLPattern, path

from planning.views import (
    accuracy,
    monitoring,
    outgoing,
    reconciliation,
    release_stage,
    releases,
    value_added,
    waterfall,
)

RECONCILIATION = "cycles/<int:cycle_pk>/reconciliation/"
STAGE = "cycles/<int:cycle_pk>/release/"
urlpatterns: list[URLPattern] = [
    path(RECONCILIATION, reconciliation.ReconciliationPage.as_view(), name="reconciliation"),
    path(STAGE, release_stage.ReleaseStagePage.as_view(), name="release-stage"),
    path(f"{STAGE}ask/", release_stage.approval_ask, name="approval-ask"),
    path(f"{STAGE}pack/", release_stage.approval_pack, name="approval-pack"),
    path(f"{STAGE}pack/<slug:form>/", release_stage.pack_file, name="pack-file"),
    path(f"{STAGE}sign/", release_stage.approval_sign, name="approval-sign"),
    path("releases/", releases.ReleaseList.as_view(), name="release-list"),
    path("releases/<int:pk>/", releases.ReleasePage.as_view(), name="release"),
    path("releases/<int:pk>/verify/", releases.VerifyPage.as_view(), name="release-verify"),
    path("releases/<int:pk>/pack/", releases.release_pack_make, name="release-pack-make"),
    path("releases/<int:pk>/pack/<slug:form>/", releases.release_file, name="release-file"),
    path("monitoring/", monitoring.MonitoringPage.as_view(), name="monitoring"),
    path("accuracy/", accuracy.AccuracyPage.as_view(), name="accuracy"),
    path("accuracy/cells/", accuracy.CellsPage.as_view(), name="accuracy-cells"),
    path("accuracy/waterfall/", waterfall.WaterfallPage.as_view(), name="waterfall"),
    path("accuracy/value-added/", value_added.ValueAddedPage.as_view(), name="value-added"),
    path("outgoing-webhooks/", outgoing.SubscriptionList.as_view(), name="subscription-list"),
    path("outgoing-webhooks/add/", outgoing.SubscriptionAdd.as_view(), name="subscription-add"),
    path("outgoing-webhooks/<int:pk>/", outgoing.SubscriptionPage.as_view(), name="subscription"),
    path("outgoing-webhooks/<int:pk>/edit/", outgoing.SubscriptionEdit.as_view(), name="subscription-edit"),
    path("outgoing-webhooks/<int:pk>/secret/", outgoing.subscription_secret, name="subscription-secret"),
    path("outgoing-webhooks/<int:pk>/try/", outgoing.subscription_try, name="subscription-try"),
    path("outgoing-webhooks/messages/<int:pk>/again/", outgoing.dispatch_again, name="dispatch-again"),
]
