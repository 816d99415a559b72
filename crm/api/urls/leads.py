"""Routes of leads: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

from django.urls import path

from crm.api import lead_setup as setup
from crm.api.lead_reports import AgreementReportView, LeadReportView
from crm.api.leads import LeadViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("leads", LeadViewSet, "lead"),
    ("lead-sources", setup.LeadSourceViewSet, "lead-source"),
    ("lead-costs", setup.LeadCostViewSet, "lead-cost"),
    ("lead-agreements", setup.LeadAgreementViewSet, "lead-agreement"),
    ("routing-rules", setup.RoutingRuleViewSet, "routing-rule"),
    ("routing-seats", setup.RoutingSeatViewSet, "routing-seat"),
    ("absences", setup.AbsenceViewSet, "absence"),
]
urlpatterns: list[Any] = [
    path("lead-report/", LeadReportView.as_view(), name="lead-report"),
    path("lead-agreement-report/", AgreementReportView.as_view(), name="lead-agreement-report"),
]
