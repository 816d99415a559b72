"""Registers the room `territories` with Django."""

from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "territories"
