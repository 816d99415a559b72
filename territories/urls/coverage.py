"""Pages of coverage by day, covers and ownership changes."""

from django.urls import path

from territories.views import coverage, coverage_changes, coverage_of, coverage_roles, covers, ownership

urlpatterns = [
    path("territories/coverage/", coverage.CoverageList.as_view(), name="coverage-list"),
    path("territories/coverage/<int:pk>/", coverage.TerritoryRepPage.as_view(), name="territory-rep"),
    path(
        "territories/coverage/<int:pk>/edit/",
        coverage.TerritoryRepEdit.as_view(),
        name="territory-rep-edit",
    ),
    path("territories/coverage/<int:pk>/end/", coverage.TerritoryRepEnd.as_view(), name="territory-rep-end"),
    path(
        "territories/coverage/<int:pk>/remove/",
        coverage.TerritoryRepRemove.as_view(),
        name="territory-rep-remove",
    ),
    path(
        "territories/coverage/territories/<int:pk>/",
        coverage_of.CoverageOfTerritory.as_view(),
        name="coverage-of-territory",
    ),
    path(
        "territories/coverage/territories/<int:territory>/give/",
        coverage.TerritoryRepGive.as_view(),
        name="territory-rep-add",
    ),
    path(
        "territories/coverage/territories/<int:territory>/stand-in/",
        covers.CoverAdd.as_view(),
        name="cover-add",
    ),
    path(
        "territories/coverage/accounts/<int:pk>/",
        coverage_of.CoverageOfAccount.as_view(),
        name="coverage-of",
    ),
    path(
        "territories/coverage/reps/<int:pk>/",
        coverage_of.CoverageOfRep.as_view(),
        name="coverage-of-rep",
    ),
    path("territories/coverage/changes/", coverage_changes.ChangeList.as_view(), name="change-list"),
    path("territories/coverage/missing/", covers.MissingCover.as_view(), name="missing-cover"),
    path("territories/stand-ins/", covers.CoverList.as_view(), name="cover-list"),
    path("territories/stand-ins/<int:pk>/", covers.CoverPage.as_view(), name="cover"),
    path("territories/stand-ins/<int:pk>/edit/", covers.CoverEdit.as_view(), name="cover-edit"),
    path("territories/stand-ins/<int:pk>/end/", covers.CoverEnd.as_view(), name="cover-end"),
    path("territories/stand-ins/<int:pk>/remove/", covers.CoverRemove.as_view(), name="cover-remove"),
    path("territories/coverage-roles/", coverage_roles.RoleList.as_view(), name="coverage-role-list"),
    path("territories/coverage-roles/add/", coverage_roles.RoleAdd.as_view(), name="coverage-role-add"),
    path(
        "territories/coverage-roles/<int:pk>/edit/",
        coverage_roles.RoleEdit.as_view(),
        name="coverage-role-edit",
    ),
    path("territories/ownership-changes/", ownership.OwnershipList.as_view(), name="ownership-list"),
    path("territories/ownership-changes/export/", ownership.ownership_export, name="ownership-export"),
    path(
        "territories/ownership-changes/files/<int:pk>/",
        ownership.ownership_file,
        name="ownership-file",
    ),
]
