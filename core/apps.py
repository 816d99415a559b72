"""Registers the room `core` with Django."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Find what the rooms register: subjects of comments, explainers, checks, the sign-in events."""
        autodiscover_modules("subjects", "explain", "system_checks", "sign_ins")
