"""Pages of the room."""

from django.urls import URLPattern, path

from gathering.views import formats, import_wizard, imports, mappings, profiles

app_name = "gathering"

IMPORTS = [
    path("data/imports/", imports.ImportList.as_view(), name="import-list"),
    path("data/imports/start/", import_wizard.import_start, name="import-start"),
    path("data/imports/start/<slug:dataset>/", import_wizard.ImportFile.as_view(), name="import-file"),
    path("data/imports/match/<str:token>/", import_wizard.ImportMatch.as_view(), name="import-match"),
    path("data/imports/<int:pk>/", imports.import_detail, name="import-detail"),
    path("data/imports/<int:pk>/progress/", imports.import_progress, name="import-progress"),
    path("data/imports/<int:pk>/problems/", imports.ProblemList.as_view(), name="import-problems"),
    path("data/imports/<int:pk>/rejects/", imports.import_rejects, name="import-rejects"),
    path("data/imports/<int:pk>/mend/", import_wizard.ImportMend.as_view(), name="import-mend"),
    path("data/imports/<int:pk>/commit/", imports.import_commit, name="import-commit"),
    path("data/imports/<int:pk>/cancel/", imports.ImportCancel.as_view(), name="import-cancel"),
    path("data/imports/<int:pk>/stop/", imports.import_stop, name="import-stop"),
    path("data/imports/<int:pk>/retry/", imports.import_retry, name="import-retry"),
    path("data/formats/", formats.format_list, name="format-list"),
    path("data/formats/<slug:dataset>/", formats.format_detail, name="format-detail"),
    path("data/formats/<slug:dataset>/example.csv", formats.format_example, name="format-example"),
]

MAPPINGS = [
    path("data/mappings/", mappings.UnmappedList.as_view(), name="unmapped-list"),
    path("data/mappings/decide/", mappings.MappingAdd.as_view(), name="mapping-add"),
    path("data/mappings/decide-many/", mappings.MappingBatch.as_view(), name="mapping-batch"),
    path("data/mappings/saved/", mappings.MappingList.as_view(), name="mapping-list"),
    path("data/mappings/saved/<int:pk>/", mappings.MappingDetail.as_view(), name="mapping-detail"),
    path("data/mappings/saved/<int:pk>/edit/", mappings.MappingEdit.as_view(), name="mapping-edit"),
]

PROFILES = [
    path("data/profiles/", profiles.ProfileList.as_view(), name="profile-list"),
    path("data/profiles/add/", profiles.ProfileAdd.as_view(), name="profile-add"),
    path("data/profiles/<int:pk>/", profiles.ProfileDetail.as_view(), name="profile-detail"),
    path("data/profiles/<int:pk>/edit/", profiles.ProfileEdit.as_view(), name="profile-edit"),
    path("data/profiles/<int:pk>/export/", profiles.profile_export, name="profile-export"),
]

urlpatterns: list[URLPattern] = [*IMPORTS, *MAPPINGS, *PROFILES]
