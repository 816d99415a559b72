"""The first page, and whether the product is alive."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.access import requires


@requires("home.view")
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "core/home.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive and connected: for the supervisor, containers and load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
