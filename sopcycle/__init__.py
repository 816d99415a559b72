"""The project: settings, addresses, the Celery application and the embedded services."""

import os

# Before anything loads NumPy: work is shared among processes, and on short series BLAS's own threads
# only wait for each other. They made forecasts seven times as slow.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from sopcycle.celery import app as celery_app

__all__ = ["celery_app"]
