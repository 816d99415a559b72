"""The workbench: a page of families or demand units, every planned cell a link to its form."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.filters import DemandUnitFilter
from core import company
from core.access import person_of
from core.formats import EMPTY, THIN
from core.listing import query_without
from core.roles import can
from planning.models import Cycle
from planning.selectors.demand_grid import (
    VOICES,
    GridRow,
    Months,
    families_of,
    family_rows,
    keys_in_order,
    unit_rows,
    units_by_key,
    units_of,
)
from planning.views.demand import DemandPage

PAGE = 100
VOICE_WORDS = {
    "baseline": "Baseline",
    "sales": "Sales",
    "marketing": "Marketing",
    "finance": "Finance",
    "pipeline": "Pipeline",
    "events": "Events",
}


class DemandGrid(DemandPage):
    """History and plan, a hundred rows at a time."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        by_family = request.GET.get("rows") == "families"
        money = request.GET.get("show") == "money"
        months = Months.of(cycle)
        filters = DemandUnitFilter(request.GET, queryset=units_of(person, cycle), request=request)
        # only keys are sorted and cut: the rows of a page are read by them
        asked = query_without(request, "page", "size", "open", "rows", "show")
        wanted: Any = (
            families_of(person, cycle) if by_family else keys_in_order(person, cycle, filters.qs, asked)
        )
        page = Paginator(wanted, PAGE).get_page(request.GET.get("page"))
        opened = {int(key) for key in request.GET.getlist("open") if key.isdigit()}
        if by_family:
            rows = family_rows(person, cycle, page.object_list, months, money=money)
        else:
            units = units_by_key(page.object_list)
            rows = unit_rows(cycle, units, months, money=money, opened=opened)
        context = {
            "page": page,
            "filter": None if by_family else filters,
            "by_family": by_family,
            "money": money,
            "unit": company.value("base_currency") if money else "units",
            "grid": _Grid(request, cycle, months, opened).table(rows),
            "months": months,
            "switches": _switches(request, by_family, money),
            "may_input": cycle.stage == "demand" and bool(can(person, "demand.input")),
            "everything_url": _cell_url(cycle, {}, cycle.month),
        }
        return self.show(request, cycle, "planning/demand_grid.html", context)


def _switches(request: HttpRequest, by_family: bool, money: bool) -> list[dict[str, Any]]:
    """Families or demand units; units or money."""
    rows = query_without(request, "rows", "page", "open")
    show = query_without(request, "show")
    return [
        {"label": "Demand units", "url": f"?{rows}rows=units", "on": not by_family},
        {"label": "Families", "url": f"?{rows}rows=families", "on": by_family},
        {"label": "Units", "url": f"?{show}show=units", "on": not money},
        {"label": "Money", "url": f"?{show}show=money", "on": money},
    ]


def _cell_url(cycle: Cycle, place: dict[str, str], month: dt.date) -> str:
    query = urlencode({**place, "month": f"{month:%Y-%m}"})
    return f"{reverse('planning:demand-cell', args=[cycle.pk])}?{query}"


class _Grid:
    """Rows of four thousand cells, written straight to text: a template would take longer than the
    database."""

    def __init__(self, request: HttpRequest, cycle: Cycle, months: Months, opened: set[int]) -> None:
        self.cell = reverse("planning:demand-cell", args=[cycle.pk])
        self.query = query_without(request, "open")
        self.months, self.opened = months, opened
        self.texts = [(month, f"{month:%Y-%m}") for month in months.planned]

    def table(self, rows: list[GridRow]) -> SafeString:
        lines = [line for row in rows for line in self._lines(row)]
        return mark_safe("".join(lines))  # noqa: S308 - every piece is escaped below

    def _lines(self, row: GridRow) -> list[str]:
        said = [self._voice(name, row) for name in VOICES if row.key in self.opened and name in row.voices]
        return [self._main(row), *said]

    def _main(self, row: GridRow) -> str:
        query = urlencode(row.place)
        link = conditional_escape(f"{self.cell}?{query}&month=")
        past = "".join(
            f'<td class="num past">{_number(row.history.get(m))}</td>' for m in self.months.history
        )
        planned = "".join(
            f'<td class="num"><a href="{link}{text}">{_number(row.agreed.get(month))}</a></td>'
            for month, text in self.texts
        )
        return f'<tr id="row-{row.key}">{self._head(row)}{past}{planned}</tr>'

    def _head(self, row: GridRow) -> str:
        if "product" not in row.place:
            url = f"?rows=units&family={row.place['family']}"
            return format_html('<th scope="row"><a href="{}">{}</a></th>', url, row.label)
        is_open = row.key in self.opened
        kept = "".join(f"open={key}&" for key in sorted(self.opened) if key != row.key)
        url = f"?{self.query}{kept}" + ("" if is_open else f"open={row.key}") + f"#row-{row.key}"
        return format_html(
            '<th scope="row"><a class="grid-open" href="{}" aria-expanded="{}" aria-label="{} {}, {}">{}</a>'
            '<span class="grid-name">{}</span><span class="grid-note">{}</span></th>',
            url, "true" if is_open else "false", "Close" if is_open else "Open", row.label, row.note,
            "−" if is_open else "+", row.label, row.note,
        )  # fmt: skip

    def _voice(self, name: str, row: GridRow) -> str:
        empty = '<td class="past"></td>' * len(self.months.history)
        said = row.voices[name]
        cells = "".join(f'<td class="num">{_number(said.get(m))}</td>' for m in self.months.planned)
        return f'<tr class="voice"><th scope="row">{VOICE_WORDS[name]}</th>{empty}{cells}</tr>'


def _number(value: float | None) -> str:
    if value is None:
        return EMPTY
    return f"{value:,.0f}".replace(",", THIN).replace("-", "\u2212")
