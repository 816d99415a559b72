"""Registers the room `catalog` with Django."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
