"""What one series is made of, and how its back-tests went: sections of its page."""

import datetime as dt
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from catalog.engine.months import add_months
from core.formats import show
from core.listing import Column, Empty
from core.pages import Section, chart_section, plain_table, table_section
from forecasting.engine.horizons import Ahead
from forecasting.models import ForecastSeries
from forecasting.selectors.series_page import Cut
from forecasting.views.words import member_words, parameter_words

UNTESTED = Empty(
    "No back-tests",
    "The history is too short to forecast again from earlier months and look how far off that was.",
)
MEMBER_COLUMNS = [
    Column("name", "Model", lambda row: row[0]),
    Column("words", "What it carries on", lambda row: member_words(row[0])),
    Column("weight", "Share", lambda row: row[1], "percent"),
]
AHEAD_COLUMNS = [
    Column("months", "Months ahead", kind="number"),
    Column("tests", "Tests", kind="number"),
    Column("wape", "WAPE", kind="percent", help="Error, of what was sold."),
    Column("naive_wape", "WAPE, last year’s value", kind="percent", help="The same month a year before."),
    Column("bias", "Bias", kind="percent", help="Above zero: too much was forecast."),
    Column("mase", "MASE", kind="number", help="Error in seasonal steps of the history."),
    Column("naive_mase", "MASE, last year’s value", kind="number"),
    Column(
        "better",
        "Better than last year",
        lambda line: {True: "yes", False: "no"}.get(line.better, ""),
        "badge",
        tone=lambda line: "good" if line.better else "warn",
    ),
]
CUT_ROLES = ("statistical", "last", "budget", "part-2", "part-4")


@dataclass(frozen=True)
class SeasonLine:
    """What a calendar month adds to the level: in units, or as a share of it."""

    month: str
    value: float


def about_parts(series: ForecastSeries) -> dict[str, Any]:
    """The models and their shares, parameters in words, level and trend at the end of the history."""
    nothing = Empty("No models", "Nothing was fitted.")
    return {
        "members": plain_table(series.members, MEMBER_COLUMNS, caption="Models and shares", empty=nothing)
        if series.members
        else None,
        "parameters": parameter_words(series.parameters),
        "best": series.best,
        "components": _components(series),
    }


def season_section(series: ForecastSeries) -> Section | None:
    """The season as bars by calendar month; None without one."""
    parts = series.components
    if not parts or not parts["season"]:
        return None
    lines = _season_lines(parts, series.run.last_month)
    high = max(lines, key=lambda line: line.value)
    low = min(lines, key=lambda line: line.value)
    unit = "% of the level" if parts["multiplicative"] else series.demand_unit.product.unit.name.lower()
    columns = [Column("month", "Month"), Column("value", "Season", kind="number", unit=unit)]
    nothing = Empty("No season", "No season stands out.")
    return chart_section(
        "Season",
        {
            "id": "season-chart",
            "kind": "bars",
            "title": f"{high.month} is the strongest month, {low.month} the weakest",
            "subtitle": "What the month of the year adds to the level or takes from it",
            "text": f"{high.month} {high.value:+,.0f} {unit}, {low.month} {low.value:+,.0f} {unit}.",
            "data": {
                "x": [line.month[:3] for line in lines],
                "unit": unit,
                "series": [
                    {"name": "Season", "role": "statistical", "values": [line.value for line in lines]}
                ],
            },
            "table": plain_table(lines, columns, caption="Season by month", empty=nothing),
        },
    )


def backtest_sections(
    series: ForecastSeries, sold: dict[dt.date, float], cuts: list[Cut], ahead: list[Ahead]
) -> list[Section]:
    """The cuts over what was sold, and the errors by months ahead."""
    note = (
        "The forecast was made again from earlier months, knowing nothing after them, and held against "
        "what was sold. Last year’s value is judged at the same cuts."
    )
    table = table_section("Back-tests by months ahead", ahead, AHEAD_COLUMNS, empty=UNTESTED, note=note)
    if not cuts:
        return [table]
    return [chart_section("Back-tests", _cuts_chart(series, sold, cuts, ahead)), table]


def _components(series: ForecastSeries) -> list[dict[str, str]]:
    parts = series.components
    if not parts:
        return []
    unit = series.demand_unit.product.unit.name.lower()
    trend = "none" if not parts["trend"] else f"{show(parts['trend'], 'number')[0]} {unit} a month"
    grows = "grows with the level" if parts["multiplicative"] else "of fixed size"
    return [
        {"label": "Level now", "text": f"{show(parts['level'], 'quantity')[0]} {unit} a month"},
        {"label": "Trend now", "text": trend},
        {"label": "Season", "text": grows if parts["season"] else "none"},
    ]


def _season_lines(parts: dict[str, Any], last: dt.date) -> list[SeasonLine]:
    """January first. A factor of 1.2 adds 20 % of the level."""
    lines = {}
    for ahead, value in enumerate(parts["season"][:12], start=1):
        shown = (value - 1) * 100 if parts["multiplicative"] else value
        lines[add_months(last, ahead).month] = SeasonLine(f"{add_months(last, ahead):%B}", shown)
    return [lines[month] for month in sorted(lines)]


def _cuts_chart(
    series: ForecastSeries, sold: dict[dt.date, float], cuts: list[Cut], ahead: list[Ahead]
) -> dict[str, Any]:
    first = add_months(min(cut.made for cut in cuts), -11)
    months, month = [], first
    while month <= series.run.last_month:
        months.append(month)
        month = add_months(month, 1)
    drawn = [
        {"name": f"Made in {cut.made:%b %y}", "role": role, "values": [cut.predicted.get(m) for m in months]}
        for cut, role in zip(cuts, CUT_ROLES, strict=False)
    ]
    begun = min(sold, default=first)
    actual = [sold.get(m, 0.0) if m >= begun else None for m in months]
    return {
        "id": "backtest-chart",
        "kind": "line",
        "title": _backtest_finding(ahead),
        "subtitle": "Forecasts made again from earlier months, over what was sold",
        "text": f"Forecasts made in {', '.join(f'{cut.made:%b %Y}' for cut in cuts)} over what was sold.",
        "data": {
            "x": [f"{m:%b %y}" for m in months],
            "unit": series.demand_unit.product.unit.name.lower(),
            "series": [{"name": "Sold", "role": "history", "values": actual}, *drawn],
        },
        "table": _cuts_table(months, actual, cuts),
    }


def _cuts_table(months: list[dt.date], actual: list[float | None], cuts: list[Cut]) -> dict[str, Any]:
    columns = [
        Column("month", "Month", lambda row: row[0], "month"),
        Column("sold", "Sold", lambda row: row[1], "quantity"),
        *[
            Column(f"cut{at}", f"Made in {cut.made:%b %y}", itemgetter(2 + at), "quantity")
            for at, cut in enumerate(cuts)
        ],
    ]
    rows = [
        (month, value, *[cut.predicted.get(month) for cut in cuts])
        for month, value in zip(months, actual, strict=True)
    ]
    return plain_table(rows, columns, caption="Back-tests by month", empty=UNTESTED)


def _backtest_finding(ahead: list[Ahead]) -> str:
    """In how many of the distances the forecast beat last year's value."""
    judged = [line for line in ahead if line.better is not None]
    if not judged:
        return "Back-tests over what was sold"
    won = sum(1 for line in judged if line.better)
    return f"Closer than last year’s value at {won} of {len(judged)} distances"
