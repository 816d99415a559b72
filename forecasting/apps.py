"""Registers the room `forecasting` with Django."""

from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    name = "forecasting"
