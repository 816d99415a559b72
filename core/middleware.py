"""What surrounds every page: refusals that no page caught, the company's time zone, and what is read once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import company
from core.errors import Denied, Refused
from core.once_a_request import keeping


class Refusals:
    """Shows a service's refusal as a page with its reasons and status, never as a crash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Denied):
            return render(request, "403.html", {"exception": str(error)}, status=403)
        if isinstance(error, Refused):
            return render(request, "core/refused.html", {"reasons": error.reasons}, status=error.status)
        return None


class CompanyTime:
    """Times on pages are those of the company's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz/":
            return self.get_response(request)
        with company.own_time():
            return self.get_response(request)


class ReadOnce:
    """What a page asks of a person's scope more than once is read once (core/once_a_request.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with keeping(request.method or ""):
            return self.get_response(request)
