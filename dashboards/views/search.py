"""The search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.access import Page, person_of
from dashboards.selectors.search import SHORTEST, exact_code, search


class Search(Page):
    """Everything with a code or a name; an exact code opens its page at once."""

    action = "search"

    def get(self, request: HttpRequest) -> HttpResponse:
        person, text = person_of(request), request.GET.get("q", "").replace("\0", "").strip()[:200]
        if url := exact_code(person, text):
            return redirect(url)
        context = {"search_text": text, "groups": search(person, text), "shortest": SHORTEST}
        return render(request, "dashboards/search.html", context)
