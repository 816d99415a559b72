"""Registers the room `compensation` with Django."""

from django.apps import AppConfig


class CompensationConfig(AppConfig):
    name = "compensation"
