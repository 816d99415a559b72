"""Pages of goals documents and their acceptance."""

from django.urls import URLPattern, path

from compensation.views import goals

GOALS = "pay/goals/"
VERSION = f"{GOALS}<int:pk>/"
REP = f"{VERSION}reps/<int:rep>/"

urlpatterns: list[URLPattern] = [
    path(GOALS, goals.OwnGoals.as_view(), name="goals"),
    path(f"{GOALS}acceptances/", goals.AcceptanceList.as_view(), name="goals-acceptances"),
    path(f"{GOALS}acceptances/remind/", goals.GoalsRemind.as_view(), name="goals-remind"),
    path(f"{GOALS}accepted/<int:pk>/", goals.AcceptedGoals.as_view(), name="goals-accepted"),
    path(VERSION, goals.GoalsPage.as_view(), name="goals-version"),
    path(f"{VERSION}pdf/", goals.GoalsPagePdf.as_view(), name="goals-version-pdf"),
    path(f"{VERSION}accept/", goals.GoalsAccept.as_view(), name="goals-accept"),
    path(REP, goals.GoalsRep.as_view(), name="goals-rep"),
    path(f"{REP}pdf/", goals.GoalsRepPdf.as_view(), name="goals-rep-pdf"),
]
