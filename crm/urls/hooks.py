"""Where CRMs deliver. In production requests never come so far: HookDoor answers them first."""

from django.urls import re_path

from crm.views.hooks import hook

urlpatterns = [re_path(r"^hooks/(?P<key>[^/]+)/?$", hook, name="hook")]
