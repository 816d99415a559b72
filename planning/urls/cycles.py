"""Pages of the machine: cycles, board, tasks, meetings, registers."""

from django.urls import URLPattern, path

from planning.views import board, calendar, cycles, meetings, registers, stages, tasks

IN_A_CYCLE = "cycles/<int:cycle_pk>"
CYCLES: list[URLPattern] = [
    path("cycles/", cycles.CycleList.as_view(), name="cycle-list"),
    path("cycles/add/", cycles.CycleAdd.as_view(), name="cycle-add"),
    path(f"{IN_A_CYCLE}/", board.BoardPage.as_view(), name="cycle"),
    path("cycles/<int:pk>/revise/", cycles.CycleRevise.as_view(), name="cycle-revise"),
    path(f"{IN_A_CYCLE}/timeline/", board.TimelinePage.as_view(), name="cycle-timeline"),
    path(f"{IN_A_CYCLE}/moves/<slug:name>/", board.MovePage.as_view(), name="cycle-move"),
    path("stages/<int:pk>/edit/", stages.StageEdit.as_view(), name="stage-edit"),
    path("stages/<int:pk>/checklist/add/", stages.ChecklistAdd.as_view(), name="checklist-add"),
    path("checklist/<int:pk>/tick/", stages.checklist_tick, name="checklist-tick"),
    path("checklist/<int:pk>/edit/", stages.ChecklistEdit.as_view(), name="checklist-edit"),
    path("checklist/<int:pk>/remove/", stages.ChecklistRemove.as_view(), name="checklist-remove"),
]
TASKS: list[URLPattern] = [
    path("tasks/", tasks.TaskList.as_view(), name="task-list"),
    path("tasks/<int:pk>/", tasks.TaskPage.as_view(), name="task"),
    path("tasks/<int:pk>/edit/", tasks.TaskEdit.as_view(), name="task-edit"),
    path("tasks/<int:pk>/finish/", tasks.task_finish, name="task-finish"),
    path("tasks/<int:pk>/remind/", tasks.task_remind, name="task-remind"),
    path(f"{IN_A_CYCLE}/tasks/add/", tasks.TaskAdd.as_view(), name="task-add"),
]
MEETINGS: list[URLPattern] = [
    path("meetings/", meetings.MeetingList.as_view(), name="meeting-list"),
    path("meetings/<int:pk>/", meetings.MeetingPage.as_view(), name="meeting"),
    path("meetings/<int:pk>/edit/", meetings.MeetingEdit.as_view(), name="meeting-edit"),
    path("meetings/<int:pk>/minutes/", meetings.MinutesPage.as_view(), name="meeting-minutes"),
    path("meetings/<int:pk>/meeting.ics", meetings.meeting_ics, name="meeting-ics"),
    path(f"{IN_A_CYCLE}/meetings/add/", meetings.MeetingAdd.as_view(), name="meeting-add"),
]
REGISTERS: list[URLPattern] = [
    path("assumptions/", registers.AssumptionList.as_view(), name="assumption-list"),
    path("assumptions/<int:pk>/", registers.AssumptionPage.as_view(), name="assumption"),
    path("assumptions/<int:pk>/edit/", registers.AssumptionEdit.as_view(), name="assumption-edit"),
    path(f"{IN_A_CYCLE}/assumptions/add/", registers.AssumptionAdd.as_view(), name="assumption-add"),
    path("risks/", registers.RiskList.as_view(), name="risk-list"),
    path("risks/<int:pk>/", registers.RiskPage.as_view(), name="risk"),
    path("risks/<int:pk>/edit/", registers.RiskEdit.as_view(), name="risk-edit"),
    path(f"{IN_A_CYCLE}/risks/add/", registers.RiskAdd.as_view(), name="risk-add"),
    path("decisions/", registers.DecisionList.as_view(), name="decision-list"),
    path("decisions/<int:pk>/", registers.DecisionPage.as_view(), name="decision"),
    path("decisions/<int:pk>/edit/", registers.DecisionEdit.as_view(), name="decision-edit"),
    path("decisions/<int:pk>/decide/", registers.DecisionDecide.as_view(), name="decision-decide"),
    path(f"{IN_A_CYCLE}/decisions/add/", registers.DecisionAdd.as_view(), name="decision-add"),
]
CALENDAR: list[URLPattern] = [
    path("calendar/", calendar.CalendarPage.as_view(), name="calendar"),
    path("calendar/address/", calendar.calendar_address, name="calendar-address"),
    path("calendar/download/", calendar.calendar_download, name="calendar-download"),
    path("calendar/feed/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
]
urlpatterns: list[URLPattern] = [*CYCLES, *TASKS, *MEETINGS, *REGISTERS, *CALENDAR]
