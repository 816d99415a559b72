"""Registers the room `core` with Django."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
