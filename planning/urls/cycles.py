"""Pages of the machine: cycles, board, tasks, meetings, registers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
