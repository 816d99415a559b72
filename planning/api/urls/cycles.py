"""The API of the machine: cycles, board, tasks, meetings, registers."""

from typing import Any

from django.urls import URLPattern, path

from planning.api import cycles, registers, tasks

VIEWSETS: list[tuple[str, Any, str]] = [
    ("cycles", cycles.CycleViewSet, "cycle"),
    ("stages", cycles.StageViewSet, "stage"),
    ("checklist-items", cycles.ChecklistViewSet, "checklist-item"),
    ("tasks", tasks.TaskViewSet, "task"),
    ("meetings", tasks.MeetingViewSet, "meeting"),
    ("assumptions", registers.AssumptionViewSet, "assumption"),
    ("risks", registers.RiskViewSet, "risk"),
    ("decisions", registers.DecisionViewSet, "decision"),
]
urlpatterns: list[URLPattern] = [path("calendar/", tasks.CalendarView.as_view(), name="api-calendar")]
