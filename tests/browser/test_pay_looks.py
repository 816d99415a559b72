"""Pay: every page accessible in light and dark, and no wider than a phone."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from compensation.urls import PARTS
from core.models import Person
from tests.browser.conftest import OpenPage, SignIn
from tests.browser.every_page import faults_of, row_of
from tests.browser.pay_company import Rows, a_paid_company

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OF_THE_REP = ("own-pay", "what-if", "goals", "goals-rep", "goals-accepted", "dispute-add", "dispute-withdraw")
FILES = ("statement-pdf", "goals-version-pdf", "goals-rep-pdf", "plan-yaml")
ASKS = {"dispute-add": "?statement={statement}", "plan-component-add": "?form=marginal"}


@pytest.fixture
def rows(
    manager: Person,
    analyst: Person,
    sales_rep: Person,
    sales_manager: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> Rows:
    """On a day on which every month of 2026 is over."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2027, 1, 20))
    return a_paid_company(manager, analyst, sales_rep, sales_manager)


def _addresses(part: Any, rows: Rows) -> Iterator[tuple[str, str]]:
    """Name and address of every page of a part: what answers with a form or a list when it is opened."""
    for pattern in part.urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        if (
            pattern.name in FILES
            or view is None
            or "get" not in dir(view)
            or "get" not in view.http_method_names
        ):
            continue
        found = {name: rows[_row_of(pattern.name, name, rows)] for name in pattern.pattern.converters}
        asks = ASKS.get(pattern.name, "").format(**rows)
        yield pattern.name, reverse(f"compensation:{pattern.name}", kwargs=found) + asks


def _row_of(page: str, wanted: str, rows: Rows) -> str:
    """A part of the address as the page names it, or by itself; for a key the longest name that the page's
    begins with."""
    if wanted != "pk":
        return f"{page} {wanted}" if f"{page} {wanted}" in rows else wanted
    return row_of(page, rows)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rpartition(".")[2])
def test_every_page_of_pay_is_accessible_in_light_and_dark_and_fits_a_phone(
    open_page: OpenPage, sign_in: SignIn, rows: Rows, manager: Person, sales_rep: Person, part: Any
) -> None:
    desks = {False: sign_in(open_page(), manager), True: sign_in(open_page(), sales_rep)}
    pages = list(_addresses(part, rows))
    assert len(pages) >= 4

    faults = {
        address: found for name, address in pages if (found := faults_of(desks[name in OF_THE_REP], address))
    }

    assert faults == {}
