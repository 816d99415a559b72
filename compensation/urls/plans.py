"""Pages of plans, roles, positions and goals."""

from django.urls import URLPattern, path

from compensation.views import assignments, plan_quotas, plan_versions, plans, positions, roles, scores

PLANS = "pay/plans/"
PLAN = f"{PLANS}<int:pk>/"
VERSION = "pay/versions/<int:pk>/"
ASSIGNMENT = "pay/on-plans/<int:pk>/"
ROLES = "pay/roles/"
PEOPLE = "pay/people/"
POSITIONS = "pay/positions/"
POSITION = f"{POSITIONS}<int:pk>/"
QUOTAS = "pay/quotas/"
QUOTA = f"{QUOTAS}<int:pk>/"
SCORES = "pay/scores/"
SCORE = f"{SCORES}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(PLANS, plans.PlanList.as_view(), name="plan-list"),
    path(f"{PLANS}add/", plans.PlanAdd.as_view(), name="plan-add"),
    path(PLAN, plans.PlanPage.as_view(), name="plan"),
    path(f"{PLAN}edit/", plans.PlanEdit.as_view(), name="plan-edit"),
    path(f"{PLAN}version/", plans.PlanNewVersion.as_view(), name="plan-version-add"),
    path(f"{PLANS}<int:plan>/people/add/", assignments.AssignmentAdd.as_view(), name="assignment-add"),
    path(VERSION, plan_versions.PlanVersionPage.as_view(), name="plan-version"),
    path(f"{VERSION}edit/", plan_versions.PlanTermsEdit.as_view(), name="plan-version-edit"),
    path(f"{VERSION}delete/", plan_versions.PlanVersionDelete.as_view(), name="plan-version-delete"),
    path(f"{VERSION}moves/<slug:name>/", plan_versions.PlanVersionMove.as_view(), name="plan-version-move"),
    path(f"{VERSION}compare/<int:other>/", plan_versions.PlanCompare.as_view(), name="plan-compare"),
    path(ASSIGNMENT, assignments.AssignmentPage.as_view(), name="assignment"),
    path(f"{ASSIGNMENT}edit/", assignments.AssignmentEdit.as_view(), name="assignment-edit"),
    path(f"{ASSIGNMENT}remove/", assignments.AssignmentRemove.as_view(), name="assignment-remove"),
    path(ROLES, roles.PayRoleList.as_view(), name="pay-role-list"),
    path(f"{ROLES}add/", roles.PayRoleAdd.as_view(), name="pay-role-add"),
    path(f"{ROLES}<int:pk>/edit/", roles.PayRoleEdit.as_view(), name="pay-role-edit"),
    path(PEOPLE, positions.EarnerList.as_view(), name="earner-list"),
    path(f"{PEOPLE}<int:pk>/", positions.RepPlansPage.as_view(), name="rep-plans"),
    path(POSITIONS, positions.PositionList.as_view(), name="position-list"),
    path(f"{POSITIONS}add/", positions.PositionAdd.as_view(), name="position-add"),
    path(POSITION, positions.PositionPage.as_view(), name="position"),
    path(f"{POSITION}edit/", positions.PositionEdit.as_view(), name="position-edit"),
    path(f"{POSITION}remove/", positions.PositionRemove.as_view(), name="position-remove"),
    path(QUOTAS, plan_quotas.PlanQuotaList.as_view(), name="plan-quota-list"),
    path(f"{QUOTAS}add/", plan_quotas.PlanQuotaAdd.as_view(), name="plan-quota-add"),
    path(f"{QUOTAS}file/", plan_quotas.PlanQuotaFile.as_view(), name="plan-quota-file"),
    path(f"{QUOTA}edit/", plan_quotas.PlanQuotaEdit.as_view(), name="plan-quota-edit"),
    path(f"{QUOTA}remove/", plan_quotas.PlanQuotaRemove.as_view(), name="plan-quota-remove"),
    path(SCORES, scores.ScoreList.as_view(), name="score-list"),
    path(f"{SCORES}add/", scores.ScoreAdd.as_view(), name="score-add"),
    path(f"{SCORES}file/", scores.ScoreFile.as_view(), name="score-file"),
    path(f"{SCORE}edit/", scores.ScoreEdit.as_view(), name="score-edit"),
    path(f"{SCORE}remove/", scores.ScoreRemove.as_view(), name="score-remove"),
]
