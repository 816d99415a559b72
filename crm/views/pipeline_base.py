"""What the pipeline pages share: the deals they look at, links to the deals behind a number, words."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.formats import EMPTY, short, show
from core.listing import query_without
from crm.filters.pipeline import AskedFilter, PipelineFilter
from crm.selectors.pipeline_deals import pipeline_deals

VIEW = "deals.view"
NARROWING = tuple(PipelineFilter.base_filters)


class PipelinePage(Page):
    """A page about deals that can be narrowed: `filters` holds what was asked for, `.qs` the deals."""

    action = VIEW
    filterset_class: ClassVar[type[AskedFilter]]

    def deals(self, request: HttpRequest) -> Any:
        return pipeline_deals(person_of(request))

    def filters(self, request: HttpRequest) -> AskedFilter:
        return self.filterset_class(request.GET, queryset=self.deals(request), request=request)


def behind(request: HttpRequest, **asked: Any) -> str:
    """The address of the deals behind a number: narrowed as this page is, and by what is asked."""
    kept = [(name, value) for name in NARROWING if name not in asked and (value := request.GET.get(name))]
    more = [(name, str(value)) for name, value in asked.items() if value not in (None, "")]
    return f"{reverse('crm:pipeline-table')}?{urlencode([*kept, *more])}"


def switches(
    request: HttpRequest, name: str, choices: list[tuple[str, str]], chosen: str
) -> list[dict[str, Any]]:
    """Links that change one part of the page's address and keep the rest."""
    rest = query_without(request, name, "page")
    return [
        {"label": label, "url": f"?{rest}{urlencode({name: key})}", "on": key == chosen}
        for key, label in choices
    ]


def pages(request: HttpRequest, among: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Links to pages that look at the same deals, with the same narrowing."""
    kept = urlencode([(name, value) for name in NARROWING if (value := request.GET.get(name))])
    return [
        {"label": label, "url": f"{url}?{kept}" if kept else url, "on": url == request.path}
        for label, url in ((label, reverse(route)) for label, route in among)
    ]


def figure(label: str, money: Any, *, deals: int | None = None, url: str = "", **more: Any) -> dict[str, Any]:
    """A key figure in base currency, with how many deals it is."""
    return {
        "label": label,
        "value": short(money),
        "title": f"{show(money, 'money')[0]} {base_currency()}",
        "unit": base_currency(),
        "change": "" if deals is None else deals_in_words(deals),
        "url": url,
        **more,
    }


def deals_in_words(count: int) -> str:
    return f"{show(count, 'quantity')[0]} deal{'' if count == 1 else 's'}"


def number(value: Any, kind: str, url: str = "") -> dict[str, Any]:
    """A cell of a table with a number that opens what is behind it. Nothing is behind nought."""
    text, title = show(value, kind)
    return {"text": text, "title": title, "numeric": True, "url": url if value and text != EMPTY else ""}


def head(label: str, unit: str = "", help_text: str = "") -> dict[str, Any]:
    """The heading of a column of numbers."""
    return {"label": label, "unit": unit, "numeric": True, "help": help_text}
