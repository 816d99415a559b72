"""The baseline of the webhook benchmark: Django with one view that inserts one row, and nothing else.

Served by the same gunicorn with the same options on the same database. No middleware, no other app.
"""

import os
from urllib.parse import unquote

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path

DATABASE = environ.Env.db_url_config(os.environ["DATABASE_URL"])
DATABASE |= {"HOST": unquote(DATABASE["HOST"]), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": DATABASE},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of no use here",  # noqa: S106 - nothing is signed
    USE_TZ=True,
)
application = get_wsgi_application()


class Row(models.Model):
    """What the view inserts: when, and the body."""

    received = models.DateTimeField(auto_now_add=True)
    body = models.BinaryField()

    class Meta:
        app_label = "bare"
        db_table = "bench_bare"

    def __str__(self) -> str:
        return f"row {self.pk}"


def insert(request: HttpRequest) -> HttpResponse:
    Row.objects.create(body=request.body)
    return HttpResponse("stored", headers={"Content-Length": "6"})


urlpatterns = [path("bare/", insert)]
