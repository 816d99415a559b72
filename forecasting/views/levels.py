"""The forecast of any family in any market: fan chart, months, what it consists of, and the way down."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from core.access import Page, person_of
from core.formats import short, show
from core.listing import Column, Empty, export_rows
from core.models import Person
from core.pages import Section, chart_section, plain_table, table_section
from forecasting.forms.runs import LevelForm
from forecasting.models import ForecastNode, ForecastNodeValue, ForecastRun, RunState
from forecasting.selectors import levels
from forecasting.selectors.levels import Ahead
from forecasting.views.runs import visible_run

SHOWN_HISTORY = 36  # months
NOTHING = Empty("Nothing below", "There is nothing further down.")


@dataclass(frozen=True)
class MonthOfNode:
    """A month of a node: what was sold in it and a year before, and what is forecast."""

    month: dt.date
    sold: float | None
    last_year: float | None
    forecast: ForecastNodeValue | None

    @property
    def growth(self) -> float | None:
        """The forecast against last year, a share."""
        if self.forecast is None or not self.last_year or self.last_year < 0:
            return None
        return self.forecast.mean / self.last_year - 1


def _of_forecast(name: str) -> Any:
    return lambda line: getattr(line.forecast, name) if line.forecast else None


MONTHS_AHEAD = [
    Column("month", "Month", kind="month"),
    Column("last_year", "A year before", kind="quantity"),
    Column("mean", "Forecast", _of_forecast("mean"), "quantity"),
    Column("growth", "Against last year", kind="percent"),
    Column("lower_80", "80 % from", _of_forecast("lower_80"), "quantity"),
    Column("upper_80", "80 % to", _of_forecast("upper_80"), "quantity"),
    Column("lower_95", "95 % from", _of_forecast("lower_95"), "quantity"),
    Column("upper_95", "95 % to", _of_forecast("upper_95"), "quantity"),
]
ALL_MONTHS = [MONTHS_AHEAD[0], Column("sold", "Sold", kind="quantity"), *MONTHS_AHEAD[2:3], *MONTHS_AHEAD[4:]]


class LevelPage(Page):
    """One family in one market with all below both, in revenue or in a unit of measure."""

    action = "forecast.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        person, run = person_of(request), visible_run(request, pk)
        asked = {"measure": "revenue"} | {name: value for name, value in request.GET.items() if value}
        form = LevelForm(asked, choices=levels.choices_of_levels(person, run))
        node = _asked_node(person, run, form)
        if node is not None and (wanted := request.GET.get("export")):
            title = f"Forecast {run.pk} {node} {measure_of(node)}"
            return export_rows(_months(node), ALL_MONTHS, title=title, form=wanted)
        context = {"run": run, "filter": {"form": form}, "node": node, "kept": levels.is_kept(run)}
        if node is not None:
            context |= _of_node(person, node)
        return render(request, "forecasting/levels.html", context)


def _asked_node(person: Person, run: ForecastRun, form: LevelForm) -> ForecastNode | None:
    """The node of what was asked for; None where there is none or the answer would be a guess."""
    if run.state != RunState.DONE or not form.is_valid():
        return None
    wanted = form.cleaned_data
    return levels.node_of(person, run, wanted["family"], wanted["market"], wanted["measure"])


def _of_node(person: Person, node: ForecastNode) -> dict[str, Any]:
    lines, whole = _months(node), levels.ahead_of(node)
    sections = [
        chart_section("Forecast", _chart(node, lines, whole)),
        *_parts(person, node, whole),
        table_section(
            "Month by month",
            [line for line in lines if line.forecast],
            MONTHS_AHEAD,
            empty=NOTHING,
            note=f"In {measure_of(node)}. {_note(node)}",
        ),
    ]
    return {
        "figures": _figures(node, whole),
        "sections": [vars(section) for section in sections],
        "way": _way(person, node),
    }


def measure_of(node: ForecastNode) -> str:
    """What the node's numbers are counted in."""
    return node.unit.name.lower() if node.unit else base_currency()


def node_url(run: int, family: str = "", market: str = "", measure: str = "revenue") -> str:
    """The page of a node, by codes; "" is the widest that the reader may see."""
    asked = {"family": family, "market": market, "measure": measure}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('forecasting:levels', args=[run])}?{query}"


def _measure_code(node: ForecastNode) -> str:
    return node.unit.code if node.unit else "revenue"


def _note(node: ForecastNode) -> str:
    if node.unit:
        return "Only products that are counted in this unit are in it."
    return "Future revenue is at the mean revenue per unit of the last twelve months."


def _way(person: Person, node: ForecastNode) -> list[dict[str, str]]:
    """The nodes above that the person may see, the widest first."""
    return [{"label": str(above), "url": _url_of(above)} for above in levels.above_of(person, node)]


def _url_of(node: ForecastNode) -> str:
    family = node.family.code if node.family else ""
    market = node.market.code if node.market else ""
    return node_url(node.run_id, family, market, _measure_code(node))


def _months(node: ForecastNode) -> list[MonthOfNode]:
    sold, values = levels.history_of_node(node), levels.values_of_node(node)
    ahead = {value.month: value for value in values}
    first = max(node.first_month, add_months(node.run.last_month, 1 - SHOWN_HISTORY))
    lines, month = [], first
    while month <= values[-1].month:
        year_ago = sold.get(add_months(month, -12))
        lines.append(MonthOfNode(month, sold.get(month), year_ago, ahead.get(month)))
        month = add_months(month, 1)
    return lines


def _chart(node: ForecastNode, lines: list[MonthOfNode], whole: Ahead) -> dict[str, Any]:
    def ahead(name: str) -> list[float | None]:
        return [getattr(line.forecast, name) if line.forecast else None for line in lines]

    unit = measure_of(node)
    bands = [
        {
            "name": f"{level}% interval",
            "role": "statistical",
            "low": ahead(f"lower_{level}"),
            "high": ahead(f"upper_{level}"),
        }
        for level in (95, 80)
    ]
    return {
        "id": "level-chart",
        "kind": "line",
        "title": _finding(node, whole),
        "subtitle": f"{unit} a month, with 80 % and 95 % intervals",
        "text": f"{node} by month from {lines[0].month:%b %Y} to {lines[-1].month:%b %Y}, in {unit}.",
        "data": {
            "x": [f"{line.month:%b %y}" for line in lines],
            "unit": unit,
            "today": f"{node.run.last_month:%b %y}",
            "series": [
                {"name": "Sold", "role": "history", "values": [line.sold for line in lines]},
                {"name": "Forecast", "role": "statistical", "values": ahead("mean")},
            ],
            "bands": bands,
        },
        "table": plain_table(lines[::-1], ALL_MONTHS, caption="Months", empty=NOTHING),
        "tall": True,
    }


def _finding(node: ForecastNode, whole: Ahead) -> str:
    """What the next months say against the same a year before."""
    months = len(levels.compared_months(node.run))
    if whole.growth is None:
        return f"{show(whole.ahead, 'quantity')[0]} {measure_of(node)} in the next {months} months"
    change, word = show(abs(whole.growth), "percent")[0], "above" if whole.growth > 0 else "below"
    return f"The next {months} months lie {change} {word} the same months a year before"


def _parts(person: Person, node: ForecastNode, whole: Ahead) -> list[Section]:
    families, markets = levels.families_of_node(person, node), levels.markets_of_node(person, node)
    families += levels.rest_of(whole, families, f"Directly in {node.family.name}" if node.family else "Other")
    markets += levels.rest_of(whole, markets, f"Directly in {node.market.name}" if node.market else "Other")
    units = levels.units_of_node(person, node)
    listed = [("By family", families), ("By market", markets), ("Demand units", units)]
    return [_parts_section(node, whole, title, parts) for title, parts in listed if parts]


def _parts_section(node: ForecastNode, whole: Ahead, title: str, parts: list[Ahead]) -> Section:
    months = len(levels.compared_months(node.run))
    unit = measure_of(node)
    columns = [
        Column("name", title.removeprefix("By ").capitalize(), lambda part: _short(node, part, title)),
        Column("demand_units", "Demand units", kind="number"),
        Column("ahead", f"Next {months} months", kind="quantity", unit=unit),
        Column("share", "Share", lambda part: part.share(whole.ahead), "percent"),
        Column("before", "The same a year before", kind="quantity", unit=unit),
        Column("growth", "Growth", kind="percent"),
    ]
    if title == "Demand units":
        del columns[1]
    return table_section(title, parts, columns, empty=NOTHING, row_url=lambda part: _part_url(node, part))


def _short(node: ForecastNode, part: Ahead, title: str) -> str:
    """Only what tells the part from the whole."""
    if part.demand_unit or not (part.family or part.market):
        return part.name
    family, _, market = part.name.partition(" · ")
    return family if title == "By family" else market


def _part_url(node: ForecastNode, part: Ahead) -> str:
    if part.demand_unit:
        return reverse("forecasting:series", args=[node.run_id, part.demand_unit])
    if not (part.family or part.market):
        return ""
    return node_url(node.run_id, part.family, part.market, _measure_code(node))


def _figures(node: ForecastNode, whole: Ahead) -> list[dict[str, Any]]:
    months = len(levels.compared_months(node.run))
    growth = show(whole.growth, "percent")[0]
    return [
        {
            "label": f"Next {months} months",
            "value": short(whole.ahead),
            "unit": measure_of(node),
            "title": show(whole.ahead, "quantity")[0],
            "change": f"+{growth}" if (whole.growth or 0) > 0 else growth,
            "change_base": "on the same months a year before",
        },
        {
            "label": "WAPE in back-tests",
            "value": show(node.wape, "percent")[0],
            "help": "How far forecasts of this whole were off, of what was sold.",
        },
        {
            "label": "Bias in back-tests",
            "value": show(node.bias, "percent")[0],
            "help": "Above zero: more was forecast than sold.",
        },
        {"label": "Demand units", "value": show(node.demand_units, "number")[0]},
    ]
