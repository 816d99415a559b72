"""Pages of connections to CRMs and of what they push."""

from django.urls import URLPattern, path

from crm.views import (
    deliveries,
    endpoint_setup,
    endpoints,
    inbox_events,
    reconciliation,
    value_mappings,
)

ENDPOINTS: list[URLPattern] = [
    path("crm/endpoints/", endpoints.EndpointList.as_view(), name="endpoint-list"),
    path("crm/endpoints/add/", endpoint_setup.EndpointAdd.as_view(), name="endpoint-add"),
    path(
        "crm/endpoints/add/<slug:provider>/",
        endpoint_setup.EndpointName.as_view(),
        name="endpoint-add-provider",
    ),
    path("crm/endpoints/<int:pk>/", endpoints.EndpointPage.as_view(), name="endpoint"),
    path("crm/endpoints/<int:pk>/edit/", endpoints.EndpointEdit.as_view(), name="endpoint-edit"),
    path("crm/endpoints/<int:pk>/setup/", endpoint_setup.EndpointSetup.as_view(), name="endpoint-setup"),
    path("crm/endpoints/<int:pk>/state/", endpoint_setup.EndpointState.as_view(), name="endpoint-state"),
    path("crm/endpoints/<int:pk>/rotate/", endpoints.EndpointRotate.as_view(), name="endpoint-rotate"),
    path("crm/endpoints/<int:pk>/test/", endpoints.endpoint_test, name="endpoint-test"),
    path("crm/endpoint-secrets/<int:pk>/end/", endpoints.secret_end, name="endpoint-secret-end"),
]
DELIVERIES: list[URLPattern] = [
    path("crm/deliveries/", deliveries.DeliveryList.as_view(), name="delivery-list"),
    path("crm/deliveries/<int:pk>/", deliveries.DeliveryPage.as_view(), name="delivery"),
    path("crm/deliveries/<int:pk>/body/", deliveries.delivery_body, name="delivery-body"),
    path("crm/deliveries/<int:pk>/replay/", deliveries.delivery_replay, name="delivery-replay"),
    path("crm/events/", inbox_events.InboxEventList.as_view(), name="inbox-event-list"),
    path("crm/events/replay/", inbox_events.InboxEventReplay.as_view(), name="inbox-event-replay"),
    path("crm/events/skip/", inbox_events.InboxEventSkip.as_view(), name="inbox-event-skip"),
    path("crm/events/<int:pk>/", inbox_events.InboxEventPage.as_view(), name="inbox-event"),
]
VALUES: list[URLPattern] = [
    path("crm/values/", value_mappings.UnknownValueList.as_view(), name="value-list"),
    path("crm/values/map/", value_mappings.ValueMap.as_view(), name="value-map"),
    path("crm/values/decide/", value_mappings.ValueBatch.as_view(), name="value-batch"),
    path("crm/value-mappings/", value_mappings.ValueMappingList.as_view(), name="value-mapping-list"),
    path("crm/value-mappings/<int:pk>/", value_mappings.ValueMappingPage.as_view(), name="value-mapping"),
]
RECONCILIATIONS: list[URLPattern] = [
    path("crm/reconciliations/", reconciliation.ReconciliationList.as_view(), name="reconciliation-list"),
    path("crm/reconciliations/add/", reconciliation.ReconciliationAdd.as_view(), name="reconciliation-add"),
    path("crm/reconciliations/<int:pk>/", reconciliation.ReconciliationPage.as_view(), name="reconciliation"),
    path(
        "crm/reconciliations/<int:pk>/columns/",
        reconciliation.ReconciliationColumns.as_view(),
        name="reconciliation-columns",
    ),
    path(
        "crm/reconciliations/<int:pk>/repair/",
        reconciliation.ReconciliationRepair.as_view(),
        name="reconciliation-repair",
    ),
]
urlpatterns: list[URLPattern] = [*ENDPOINTS, *DELIVERIES, *VALUES, *RECONCILIATIONS]
