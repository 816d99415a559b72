"""Questions about one series: methods compared, the history taken apart, and what if."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Refused
from core.formats import show
from core.listing import Column, Empty
from core.models import Person
from core.pages import Section, plain_table, put_reasons
from core.roles import can
from forecasting.engine.pin import LABELS, Method
from forecasting.forms.runs import WhatIfForm
from forecasting.models import ForecastSeries, ForecastStudy, ForecastValue, StudyKind
from forecasting.selectors.series_page import own_means
from forecasting.selectors.studies import progress_of_study, question_of, studies_visible_to, study_of
from forecasting.selectors.values import series_visible_to, values_of_series
from forecasting.services.studies import ask_alternatives, ask_what_if
from forecasting.views.series_study_charts import line_chart, months_of, placed
from forecasting.views.words import METHOD_SENTENCES, SHORT_LABELS, short_method

STORED = "This forecast"
OWN = "Now"
ROLES = ("part-1", "part-2", "part-3", "part-4", "part-5", "budget", "last")


@dataclass(frozen=True)
class MethodLine:
    """A method beside the others: its back-test, its next twelve months, or why it has none."""

    name: str
    words: str
    mase: float | None
    wape: float | None
    bias: float | None
    year: float | None
    pin_url: str = ""


METHOD_COLUMNS = [
    Column("name", "Method"),
    Column("mase", "MASE", kind="number", help="Error in seasonal steps, at the same cuts."),
    Column("wape", "WAPE", kind="percent", help="Error, of what was sold."),
    Column("bias", "Bias", kind="percent", help="Above zero: too much was forecast."),
    Column("year", "Next 12 months", kind="quantity"),
    Column("words", "What it does"),
]
PIN_COLUMN = Column("pin", "Pin", lambda line: "Pin" if line.pin_url else "", link=lambda line: line.pin_url)
WHAT_IF_COLUMNS = [
    Column("month", "Month", lambda row: row[0], "month"),
    Column("stored", OWN, lambda row: row[1], "quantity", help="The engine’s own, before levels add up."),
    Column("asked", "What if", lambda row: row[2], "quantity"),
    Column("change", "Change", lambda row: row[2] / row[1] - 1 if row[1] else None, "percent"),
    Column("low", "80 % from", lambda row: row[3], "quantity"),
    Column("high", "80 % to", lambda row: row[4], "quantity"),
]


def study_sections(request: HttpRequest, series: ForecastSeries, form: WhatIfForm) -> list[Section]:
    """Methods compared, and what if: a button or a form, how far the worker is, or the answer."""
    person = person_of(request)
    compared = study_of(person, series, StudyKind.ALTERNATIVES, {})
    asked = None
    if form.is_bound and form.is_valid():
        asked = study_of(person, series, StudyKind.WHAT_IF, _question(form))
    base = (series.run_id, series.demand_unit_id)
    return [
        Section(
            "Methods compared",
            "forecasting/series_alternatives.html",
            {
                "study": _shown(request, compared),
                "ask_url": reverse("forecasting:series-alternatives", args=base),
            },
            "Other methods on the same history, each judged by the same back-tests. It takes a few seconds.",
        ),
        Section(
            "What if",
            "forecasting/series_what_if.html",
            {
                "study": _shown(request, asked),
                "form": form,
                "ask_url": reverse("forecasting:series-what-if", args=base),
            },
            "The engine’s own forecast with another history or method, beside the one it made, before all "
            "levels add up. Nothing is stored in the forecast.",
        ),
    ]


@requires("forecast.view")
def study(request: HttpRequest, run: int, demand_unit: int, pk: int) -> HttpResponse:
    """How far the worker is, asked for each second; the answer once it is there."""
    rows = studies_visible_to(person_of(request)).filter(run=run, demand_unit=demand_unit)
    found = get_object_or_404(rows, pk=pk)
    return render(request, "forecasting/series_study.html", {"study": _shown(request, found)})


@require_POST
@requires("forecast.view")
def series_alternatives(request: HttpRequest, run: int, demand_unit: int) -> HttpResponse:
    """Ask for the methods side by side, and come back to the page."""
    series = _series(request, run, demand_unit)
    try:
        ask_alternatives(actor=person_of(request), series=series, again="again" in request.POST)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(f"{_page(series)}#methods-compared")


@require_POST
@requires("forecast.view")
def series_what_if(request: HttpRequest, run: int, demand_unit: int) -> HttpResponse:
    """Ask what if, and come back to the page, whose address holds the question."""
    series = _series(request, run, demand_unit)
    form = WhatIfForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            ask_what_if(
                actor=person_of(request),
                series=series,
                since=given["since"],
                masked=[given["masked"]] if given["masked"] else [],
                method=given["method"],
            )
        except Refused as refusal:
            put_reasons(form, refusal)
    if form.errors:
        context = {"form": form, "series": series, "back_url": _page(series)}
        return render(request, "forecasting/what_if.html", context, status=400)
    asked = {name: form.data[name] for name in form.fields if form.data.get(name)}
    return redirect(f"{_page(series)}?{urlencode({'what_if': 1, **asked})}#what-if")


def _series(request: HttpRequest, run: int, demand_unit: int) -> ForecastSeries:
    return get_object_or_404(series_visible_to(person_of(request)), run=run, demand_unit=demand_unit)


def _page(series: ForecastSeries) -> str:
    return reverse("forecasting:series", args=[series.run_id, series.demand_unit_id])


def _question(form: WhatIfForm) -> dict[str, Any]:
    given = form.cleaned_data
    return question_of(given["since"], [given["masked"]] if given["masked"] else [], given["method"])


def _shown(request: HttpRequest, found: ForecastStudy | None) -> dict[str, Any] | None:
    """A study for forecasting/series_study.html; None where nobody asked."""
    if found is None:
        return None
    person = person_of(request)
    context: dict[str, Any] = {
        "job": progress_of_study(found, person),
        "answered": found.answered,
        "id": found.pk,
    }
    if found.answer is None:
        return context
    series = get_object_or_404(series_visible_to(person), run=found.run_id, demand_unit=found.demand_unit_id)
    values = values_of_series(person, series)
    if found.kind == StudyKind.ALTERNATIVES:
        return context | _compared(person, series, values, found.answer)
    return context | _what_if(person, series, values, found)


def _compared(
    person: Person, series: ForecastSeries, values: list[ForecastValue], answer: dict[str, Any]
) -> dict[str, Any]:
    pin_url = (
        reverse("forecasting:pin-add", args=[series.demand_unit_id]) if can(person, "forecast.pin") else ""
    )
    mine = MethodLine(
        f"{STORED}: {short_method(series.method)}", "", series.mase, series.wape, series.bias,
        sum(value.mean for value in values[:12]),
    )  # fmt: skip
    lines = [_line(one, pin_url) for one in answer["methods"]]
    lines.sort(key=lambda line: (line.mase is None, line.mase or 0.0))
    columns = METHOD_COLUMNS + ([PIN_COLUMN] if pin_url else [])
    nothing = Empty("No methods", "Nothing was compared.")
    return {
        "table": plain_table([mine, *lines], columns, caption="Methods compared", empty=nothing),
        "chart": _methods_chart(person, series, values, answer, mine, lines),
        "parts": _parts_chart(series, answer["parts"]),
    }


def _line(one: dict[str, Any], pin_url: str) -> MethodLine:
    method = Method(one["method"])
    values = one["values"]
    words = METHOD_SENTENCES[method] if values else f"It cannot be used: {one['fault']}."
    return MethodLine(
        SHORT_LABELS[method], words, one["mase"], one["wape"], one["bias"],
        sum(values[:12]) if values else None,
        f"{pin_url}?{urlencode({'method': method.value})}" if pin_url and values else "",
    )  # fmt: skip


def _methods_chart(
    person: Person, series: ForecastSeries, values: list[ForecastValue], answer: dict[str, Any],
    mine: MethodLine, lines: list[MethodLine],
) -> dict[str, Any]:  # fmt: skip
    months, sold = months_of(person, series, values)
    ahead = [dt.date.fromisoformat(month) for month in answer["months"]]
    drawn = [
        {
            "name": SHORT_LABELS[Method(one["method"])],
            "role": role,
            "values": placed(months, ahead, one["values"]),
        }
        for one, role in zip(answer["methods"], ROLES, strict=False)
        if one["values"]
    ]
    stored = {value.month: value.mean for value in values}
    return line_chart(
        series, "methods-chart", _best(mine, lines), months, sold,
        [{"name": STORED, "role": "statistical", "values": [stored.get(m) for m in months]}, *drawn],
    )  # fmt: skip


def _best(mine: MethodLine, lines: list[MethodLine]) -> str:
    """Which method erred least in the back-tests."""
    tested = [line for line in lines if line.mase is not None]
    if not tested:
        return "The history is too short to judge the methods"
    best = tested[0]
    if mine.mase is not None and best.mase is not None and mine.mase <= best.mase:
        return "No other method erred less in the back-tests than this forecast"
    return f"{best.name} erred least in the back-tests: MASE {show(best.mase, 'number')[0]}"


def _parts_chart(series: ForecastSeries, parts: dict[str, Any] | None) -> dict[str, Any] | None:
    """The history taken apart; None where it is too short."""
    if parts is None:
        return None
    months = [dt.date.fromisoformat(month) for month in parts["months"]]
    drawn = [
        {"name": "Trend", "role": "statistical", "values": parts["trend"]},
        {"name": "Season", "role": "part-2", "values": parts["season"]},
        {"name": "Rest", "role": "part-4", "values": parts["rest"]},
    ]
    swing = max(parts["season"]) - min(parts["season"])
    rest = max(parts["rest"]) - min(parts["rest"])
    title = "The season moves it more than chance" if swing > rest else "Chance moves it more than the season"
    chart = line_chart(series, "parts-chart", title, months, [None] * len(months), drawn)
    return chart | {"subtitle": "The history taken apart by STL: trend, season and rest add up to it"}


def _what_if(
    person: Person, series: ForecastSeries, values: list[ForecastValue], found: ForecastStudy
) -> dict[str, Any]:
    answer: dict[str, Any] = found.answer or {}
    stored = own_means(series, values)
    months, sold = months_of(person, series, values)
    ahead = [dt.date.fromisoformat(month) for month in answer["months"]]
    drawn = [
        {"name": OWN, "role": "last", "values": [stored.get(m) for m in months]},
        {"name": "What if", "role": "statistical", "values": placed(months, ahead, answer["mean"])},
    ]
    chart = line_chart(series, "what-if-chart", _change(stored, ahead, answer), months, sold, drawn)
    chart["data"]["bands"] = [
        {
            "name": "80% interval",
            "role": "statistical",
            "low": placed(months, ahead, answer["lower_80"]),
            "high": placed(months, ahead, answer["upper_80"]),
        }
    ]
    rows = list(
        zip(
            ahead,
            [stored.get(m) for m in ahead],
            answer["mean"],
            answer["lower_80"],
            answer["upper_80"],
            strict=True,
        )
    )
    nothing = Empty("No months", "Nothing is forecast.")
    chart["table"] = plain_table(rows, WHAT_IF_COLUMNS, caption="What if by month", empty=nothing)
    return {"chart": chart, "what_if": answer, "asked": asked_words(found.question), "mase": series.mase}


def asked_words(question: dict[str, Any]) -> str:
    """A question as a sentence."""
    told = []
    if since := question.get("since"):
        told.append(f"without the months before {dt.date.fromisoformat(since):%b %Y}")
    if masked := question.get("masked"):
        told.append("without " + ", ".join(f"{dt.date.fromisoformat(month):%b %Y}" for month in masked))
    if method := question.get("method"):
        told.append(f"by {LABELS[Method(method)]}")
    return f"The forecast {' and '.join(told)}." if told else "The forecast as it is, computed again."


def _change(stored: dict[dt.date, float], ahead: list[dt.date], answer: dict[str, Any]) -> str:
    was, now = sum(stored.get(month, 0.0) for month in ahead), sum(answer["mean"])
    if not was or abs(now / was - 1) < 0.0005:
        return "What if: the same sum over all months"
    word = "more" if now > was else "less"
    return f"What if: {show(abs(now / was - 1), 'percent')[0]} {word} over {len(ahead)} months"
