"""Pages of accounts, contacts, reps and teams."""

from django.urls import URLPattern, path

from crm.views.accounts import AccountAdd, AccountEdit, AccountList, AccountPage
from crm.views.contacts import ContactAdd, ContactEdit, ContactList, ContactPage, ContactRemove
from crm.views.reps import RepAdd, RepEdit, RepList, RepPage
from crm.views.teams import MemberAdd, MemberEnd, TeamAdd, TeamEdit, TeamList, TeamPage

urlpatterns: list[URLPattern] = [
    path("crm/accounts/", AccountList.as_view(), name="account-list"),
    path("crm/accounts/add/", AccountAdd.as_view(), name="account-add"),
    path("crm/accounts/<int:pk>/", AccountPage.as_view(), name="account"),
    path("crm/accounts/<int:pk>/edit/", AccountEdit.as_view(), name="account-edit"),
    path("crm/contacts/", ContactList.as_view(), name="contact-list"),
    path("crm/contacts/add/", ContactAdd.as_view(), name="contact-add"),
    path("crm/contacts/<int:pk>/", ContactPage.as_view(), name="contact"),
    path("crm/contacts/<int:pk>/edit/", ContactEdit.as_view(), name="contact-edit"),
    path("crm/contacts/<int:pk>/remove/", ContactRemove.as_view(), name="contact-remove"),
    path("crm/reps/", RepList.as_view(), name="rep-list"),
    path("crm/reps/add/", RepAdd.as_view(), name="rep-add"),
    path("crm/reps/<int:pk>/", RepPage.as_view(), name="rep"),
    path("crm/reps/<int:pk>/edit/", RepEdit.as_view(), name="rep-edit"),
    path("crm/teams/", TeamList.as_view(), name="team-list"),
    path("crm/teams/add/", TeamAdd.as_view(), name="team-add"),
    path("crm/teams/<int:pk>/", TeamPage.as_view(), name="team"),
    path("crm/teams/<int:pk>/edit/", TeamEdit.as_view(), name="team-edit"),
    path("crm/teams/<int:pk>/members/add/", MemberAdd.as_view(), name="team-member-add"),
    path("crm/team-members/<int:pk>/end/", MemberEnd.as_view(), name="team-member-end"),
]
