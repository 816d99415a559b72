"""Pages of accounts and reps."""

from django.urls import URLPattern, path

from crm.views import accounts as views

urlpatterns: list[URLPattern] = [
    path("crm/accounts/", views.AccountList.as_view(), name="account-list"),
    path("crm/accounts/add/", views.AccountAdd.as_view(), name="account-add"),
    path("crm/accounts/<int:pk>/", views.AccountPage.as_view(), name="account"),
    path("crm/accounts/<int:pk>/edit/", views.AccountEdit.as_view(), name="account-edit"),
    path("crm/reps/", views.RepList.as_view(), name="rep-list"),
    path("crm/reps/add/", views.RepAdd.as_view(), name="rep-add"),
    path("crm/reps/<int:pk>/", views.RepPage.as_view(), name="rep"),
    path("crm/reps/<int:pk>/edit/", views.RepEdit.as_view(), name="rep-edit"),
]
