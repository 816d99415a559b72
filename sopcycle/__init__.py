"""The project: settings, addresses, the Celery application and the embedded services."""

from sopcycle.celery import app as celery_app

__all__ = ["celery_app"]
