"""Pages of the core."""

from django.urls import path

from core.views import account, channels, company, docs, events, explain, home, jobs, messages, people

app_name = "core"
urlpatterns = [
    path("healthz/", home.healthz, name="healthz"),
    path("account/profile/", account.ProfilePage.as_view(), name="profile"),
    path("account/tokens/", account.TokensPage.as_view(), name="tokens"),
    path("account/tokens/<str:token_key>/revoke/", account.token_revoke, name="token-revoke"),
    path("notifications/", messages.NotificationsPage.as_view(), name="notifications"),
    path("notifications/read/", messages.read_all, name="notifications-read"),
    path("notifications/<int:pk>/", messages.open_notification, name="notification"),
    path("explain/<slug:kind>/<str:key>/", explain.ExplainPage.as_view(), name="explain"),
    path("comments/", messages.comment_add, name="comment-add"),
    path("comments/<int:pk>/", messages.CommentEdit.as_view(), name="comment-edit"),
    path("comments/<int:pk>/delete/", messages.comment_delete, name="comment-delete"),
    path("jobs/", jobs.JobsPage.as_view(), name="jobs"),
    path("jobs/<int:pk>/", jobs.JobPage.as_view(), name="job"),
    path("jobs/<int:pk>/progress/", jobs.progress, name="job-progress"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", jobs.start_again, name="job-retry"),
    path("settings/people/", people.PeoplePage.as_view(), name="people"),
    path("settings/people/add/", people.PersonAdd.as_view(), name="person-add"),
    path("settings/people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("settings/people/<int:pk>/edit/", people.PersonEdit.as_view(), name="person-edit"),
    path("settings/people/<int:pk>/password/", people.person_password, name="person-password"),
    path(
        "settings/people/<int:pk>/tokens/<str:token_key>/revoke/",
        people.person_token_revoke,
        name="person-token-revoke",
    ),
    path("settings/rights/", people.rights, name="rights"),
    path("settings/events/", events.EventsPage.as_view(), name="events"),
    path("settings/events/<int:pk>/", events.EventPage.as_view(), name="event"),
    path("settings/company/", company.CompanyPage.as_view(), name="company"),
    path("settings/company/<slug:key>/", company.SettingPage.as_view(), name="company-setting"),
    path("settings/channels/", channels.ChannelsPage.as_view(), name="channels"),
    path("settings/channels/add/", channels.ChannelAdd.as_view(), name="channel-add"),
    path("settings/channels/<int:pk>/", channels.ChannelEdit.as_view(), name="channel-edit"),
    path("settings/channels/<int:pk>/try/", channels.channel_try, name="channel-try"),
    path("api/docs/", docs.api_docs, name="api-docs"),
]
