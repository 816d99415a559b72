"""Registers the room `planning` with Django."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
