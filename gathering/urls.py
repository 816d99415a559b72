"""Pages of the room."""

from django.urls import URLPattern, path

from gathering.views import (
    facts,
    formats,
    history,
    import_wizard,
    imports,
    mappings,
    notes,
    profiles,
    quality,
    sources,
)

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

SOURCES = [
    path("data/sources/", sources.SourceBoard.as_view(), name="source-board"),
    path("data/sources/setup/", sources.SourceList.as_view(), name="source-list"),
    path("data/sources/add/", sources.SourceAdd.as_view(), name="source-add"),
    path("data/sources/<int:pk>/", sources.SourcePage.as_view(), name="source"),
    path("data/sources/<int:pk>/edit/", sources.SourceEdit.as_view(), name="source-edit"),
    path("data/sources/<int:pk>/<str:month>/", sources.SourceMonthPage.as_view(), name="source-month"),
    path("data/sources/<int:pk>/<str:month>/totals/", sources.source_totals, name="source-totals"),
    path("data/sources/<int:pk>/<str:month>/<slug:name>/", sources.source_move, name="source-move"),
]

QUALITY = [
    path("data/quality/", quality.IssueList.as_view(), name="issue-list"),
    path("data/quality/check/", quality.quality_check, name="quality-check"),
    path("data/quality/waive/", quality.IssueWaive.as_view(), name="issue-waive"),
    path("data/quality/assign/", quality.IssueAssign.as_view(), name="issue-assign"),
    path("data/quality/<int:pk>/", quality.IssuePage.as_view(), name="issue-detail"),
    path("data/quality/<int:pk>/reopen/", quality.issue_reopen, name="issue-reopen"),
]

FACTS = [
    path("data/sales/", facts.SalesList.as_view(), name="sales-list"),
    path("data/lines/", facts.LineList.as_view(), name="line-list"),
    path("data/returns/", facts.ReturnList.as_view(), name="return-list"),
    path("data/stock/", facts.StockList.as_view(), name="stock-list"),
    path("data/open-orders/", facts.OpenOrderList.as_view(), name="open-order-list"),
    path("data/capacity/", facts.CapacityList.as_view(), name="capacity-list"),
    path("data/budget/", facts.BudgetList.as_view(), name="budget-list"),
    path("data/targets/", facts.TargetList.as_view(), name="target-list"),
    path("data/external-forecasts/", facts.ExternalForecastList.as_view(), name="external-forecast-list"),
    path("data/history/<int:pk>/", history.HistoryPage.as_view(), name="history"),
]

NOTES = [
    path("data/timeline/", notes.Timeline.as_view(), name="timeline"),
    path("data/campaigns/", notes.CampaignList.as_view(), name="campaign-list"),
    path("data/campaigns/add/", notes.CampaignAdd.as_view(), name="campaign-add"),
    path("data/campaigns/<int:pk>/", notes.CampaignPage.as_view(), name="campaign"),
    path("data/campaigns/<int:pk>/edit/", notes.CampaignEdit.as_view(), name="campaign-edit"),
    path("data/market-notes/", notes.MarketNoteList.as_view(), name="market-note-list"),
    path("data/market-notes/add/", notes.MarketNoteAdd.as_view(), name="market-note-add"),
    path("data/market-notes/<int:pk>/", notes.MarketNotePage.as_view(), name="market-note"),
    path("data/market-notes/<int:pk>/edit/", notes.MarketNoteEdit.as_view(), name="market-note-edit"),
]

urlpatterns: list[URLPattern] = [*IMPORTS, *MAPPINGS, *PROFILES, *SOURCES, *QUALITY, *FACTS, *NOTES]
