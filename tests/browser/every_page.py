"""What every page of a room is asked: accessible in light and dark, no wider than a phone, charts drawn."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser import territory_walk as walk
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sight import OF_COLOURS, sideways, violations

# colours fade when the theme changes on an open page: without this they are measured on the way
AT_ONCE = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { transition: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
}"""


def row_of(page: str, rows: Iterable[str]) -> str:
    """The longest of the rows' names that the page's begins with."""
    return max((name for name in rows if page.startswith(name)), key=len)


def pages_of(part: Any, rows: dict[str, int], without: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Name and address of every page of a part: what answers with a form or a list when it is opened.

    `rows` says which row a page shows: by the beginning of the page's name for its key, by the name of any
    other part of the address.
    """
    room = part.__name__.partition(".")[0]
    for pattern in part.urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        if pattern.name in without or not hasattr(view, "get") or "get" not in view.http_method_names:
            continue
        wanted = pattern.pattern.converters
        found = {name: rows[row_of(pattern.name, rows) if name == "pk" else name] for name in wanted}
        yield pattern.name, reverse(f"{room}:{pattern.name}", kwargs=found)


def faults_of(page: Page, address: str) -> list[str]:
    """In light at a desk and on a phone, then the colours of dark at a desk."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    answer = page.goto(address)
    assert answer is not None
    if answer.status != 200:
        return [f"answered {answer.status}"]
    found = [*_undrawn(page), *(f"light: {fault}" for fault in violations(page))]
    page.set_viewport_size(PHONE)
    if wider := sideways(page):
        found.append(f"{wider} px too wide for a phone")
    found += [f"phone: {fault}" for fault in violations(page)]
    page.set_viewport_size(DESKTOP)
    page.evaluate(AT_ONCE)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    return [*found, *(f"dark: {fault}" for fault in violations(page, OF_COLOURS))]


def _undrawn(page: Page) -> list[str]:
    """Charts and maps whose canvas shows nothing."""
    places = page.locator("[data-chart], [data-map]")
    expect(page.locator(":is([data-chart], [data-map]):has(canvas)")).to_have_count(places.count())
    shown = [place for place in places.all() if place.is_visible()]
    return [
        f"{place.get_attribute('data-source')} is empty"
        for place in shown
        if walk.shades(place) <= walk.DRAWN
    ]
