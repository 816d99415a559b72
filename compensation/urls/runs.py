"""Pages of runs and adjustments."""

from django.urls import URLPattern, path

from compensation.views import adjustments, run_actions, run_differences, run_months, runs
from compensation.views.accrual import AccrualPage

RUNS = "pay/runs/"
ONE = f"{RUNS}<int:pk>/"
MONTH = f"{RUNS}months/<str:month>/"
ADJUSTMENTS = "pay/adjustments/"
ADJUSTMENT = f"{ADJUSTMENTS}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(RUNS, run_months.RunMonths.as_view(), name="run-list"),
    path(MONTH, run_months.RunMonth.as_view(), name="run-month"),
    path(f"{MONTH}calculate/", run_actions.RunCalculate.as_view(), name="run-calculate"),
    path(ONE, runs.RunPage.as_view(), name="run"),
    path(f"{ONE}statements/", runs.RunStatements.as_view(), name="run-statements"),
    path(f"{ONE}changes/", run_differences.RunDifferences.as_view(), name="run-differences"),
    path(f"{ONE}moves/<slug:name>/", run_actions.RunMove.as_view(), name="run-move"),
    path(f"{ONE}payroll/<slug:form>/", run_actions.run_payroll, name="run-payroll"),
    path("pay/accrual/", AccrualPage.as_view(), name="accrual"),
    path(ADJUSTMENTS, adjustments.AdjustmentList.as_view(), name="adjustment-list"),
    path(f"{ADJUSTMENTS}add/", adjustments.AdjustmentAdd.as_view(), name="adjustment-add"),
    path(ADJUSTMENT, adjustments.AdjustmentPage.as_view(), name="adjustment"),
    path(f"{ADJUSTMENT}edit/", adjustments.AdjustmentEdit.as_view(), name="adjustment-edit"),
    path(f"{ADJUSTMENT}moves/<slug:name>/", adjustments.AdjustmentMove.as_view(), name="adjustment-move"),
]
