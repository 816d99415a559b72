"""What a story asks of every page it sees: accessible, and no wider than the window."""

import json
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

SETTLES = 20  # tenths of a second

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
# axe finds missing children in the markup that Tabulator itself writes
THEIRS = {"exclude": [[".tabulator"]]}
OF_COLOURS = ("color-contrast", "link-in-text-block")  # all that can differ between light and dark


def violations(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds, one line each: by every rule, or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate(f"axe.run({json.dumps(THEIRS)}, {json.dumps(options)})")["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def sideways(page: Page) -> int:
    """How many pixels of the page lie beyond its right edge, once charts and tables followed a new width."""
    wider = 0
    for _ in range(SETTLES):
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if not wider:
            return 0
        page.wait_for_timeout(100)
    return wider
