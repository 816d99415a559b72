"""The API of plans, roles, positions and goals."""

from typing import Any

from compensation.api import plan_people, plans

VIEWSETS: list[tuple[str, Any, str]] = [
    ("pay-roles", plans.PayRoleViewSet, "pay-role"),
    ("pay-plans", plans.PayPlanViewSet, "pay-plan"),
    ("plan-versions", plans.PlanVersionViewSet, "plan-version"),
    ("plan-assignments", plans.PlanAssignmentViewSet, "plan-assignment"),
    ("positions", plan_people.PositionViewSet, "position"),
    ("earners", plan_people.EarnerViewSet, "earner"),
    ("plan-quotas", plan_people.PlanQuotaViewSet, "plan-quota"),
    ("objective-scores", plan_people.ObjectiveScoreViewSet, "objective-score"),
]
urlpatterns: list[Any] = []
