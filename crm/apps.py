"""Registers the room `crm` with Django."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
