"""Registers the room `gathering` with Django."""

from django.apps import AppConfig


class GatheringConfig(AppConfig):
    name = "gathering"
