"""The page, and the side panel, that say where a number comes from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.access import Page, person_of
from core.explain import explain


class ExplainPage(Page):
    """A number with everything it was made from. Each kind of number asks for its own right as well."""

    action = "home.view"

    def get(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        in_panel = request.headers.get("HX-Target") == "panel"
        template = "parts/explain_panel.html" if in_panel else "core/explain.html"
        return render(request, template, {"number": explain(person_of(request), kind, key)})
