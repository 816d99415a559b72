"""Buttons of a row's page: each does one thing, or the page says every reason against it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.access import Page
from core.errors import Conflict, Denied, Refused


class RowAction(Page):
    """One button. A refusal changes nothing and is said on top of `page`, a page class with `refused`."""

    page: ClassVar[type[Any]]

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        row = self.row(request, pk)
        try:
            url, words = self.act(request, row, **kwargs)
        except (Denied, Conflict):
            raise
        except Refused as refusal:
            return refused_page(self.page, request, refusal, pk=pk)
        messages.success(request, words)
        return redirect(url)

    def row(self, request: HttpRequest, pk: int) -> Any:
        """The row in the person's scope. Raises Http404."""
        raise TypeError(f"{type(self).__name__} reads no row: define row()")

    def act(self, request: HttpRequest, row: Any, **kwargs: Any) -> tuple[str, str]:
        """Call the service; gives where to go next and what to say."""
        raise TypeError(f"{type(self).__name__} calls no service: define act()")


def refused_page(
    page: type[Any], request: HttpRequest, refusal: Refused, *, status: int | None = None, **kwargs: Any
) -> HttpResponse:
    """A page with every reason on top, and the status of the refusal unless another is given."""
    shown = page()
    shown.setup(request, **kwargs)
    shown.refused = refusal
    response: HttpResponse = shown.get(request, **kwargs)
    response.status_code = status or refusal.status
    return response
