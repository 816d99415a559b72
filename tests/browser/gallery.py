"""A page with every part of templates/parts/ on it, for the browser tests of the look."""

import math
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from core.models import Person

MONTHS = [f"{month} {year}" for year in (25, 26, 27) for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun")]
WHEN = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


class Form(forms.Form):
    name = forms.CharField(help_text="As it is printed on the invoice.")
    family = forms.ChoiceField(choices=[("", "Choose a family"), ("1", "Coffee beans")], required=False)
    active = forms.BooleanField(label="Sold today", required=False)
    way = forms.ChoiceField(
        label="How to join", choices=[("a", "Add rows"), ("r", "Replace rows")], widget=forms.RadioSelect
    )
    note = forms.CharField(widget=forms.Textarea, required=False)


class Upload(forms.Form):
    file = forms.FileField(label="File with sales", help_text="CSV, PSV, TSV or XLSX, at most 4 GB.")


class Comment(forms.Form):
    text = forms.CharField(label="Comment", widget=forms.Textarea)


class Filter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Search", field_name="name")
    state = django_filters.ChoiceFilter(label="State", choices=[("ok", "Checked"), ("no", "Missing")])
    active = django_filters.BooleanFilter(label="Active", field_name="is_active")


def gallery(request: HttpRequest) -> HttpResponse:
    """Every part once. `?bad=1` shows the form as refused."""
    return render(request, "gallery.html", context(request))


def panel(request: HttpRequest) -> HttpResponse:
    """What a link with hx-target="#panel" brings in."""
    return render(request, "gallery_panel.html")


def job(request: HttpRequest) -> HttpResponse:
    """The answer to the polling of a running job."""
    return render(request, "parts/job_progress.html", {"job": JOBS[0]})


def context(request: HttpRequest) -> dict[str, Any]:
    bad = {"name": "", "way": "x"} if "bad" in request.GET else None
    return {
        "form": Form(bad),
        "upload": Upload()["file"],
        "comment_form": Comment(prefix="comment"),
        "filter": Filter(request.GET, queryset=Person.objects.none()),
        "page": Paginator(range(1234), 50).get_page(request.GET.get("page")),
        "table": table(14),
        "cards": {**table(4), "cards": True},
        "empty": {
            "rows": [],
            "empty": {"title": "No sources yet", "text": "Sources say who delivers which file."},
        },
        "figures": FIGURES,
        "steps": STEPS,
        "jobs": JOBS,
        "reasons": [
            {"text": "Stock of Lyon is from October.", "url": "#stock", "link_label": "Import stock"}
        ],
        "changes": CHANGES,
        "comments": [{"id": 1, "who": "Max Manager", "when": WHEN, "text": "Please look at March."}],
        "conflict": CONFLICT,
        "charts": charts(),
        "grid": GRID,
        "notices": ["success", "info", "warning", "error"],
        "tones": ["good", "warn", "bad", "info", "quiet"],
    }


def table(months: int) -> dict[str, Any]:
    columns = [
        {"key": "name", "label": "Demand unit", "sort_url": "?sort=-name", "sorted": "asc"},
        {"key": "state", "label": "State", "sort_url": "", "sorted": ""},
    ]
    columns += [
        {"key": m, "label": m, "unit": "pcs", "numeric": True, "sort_url": f"?sort={i}", "sorted": ""}
        for i, m in enumerate(MONTHS[:months])
    ]
    return {
        "caption": "Demand units",
        "count": 1234,
        "columns": columns,
        "rows": [_row(i, months) for i in range(8)],
    }


def _row(i: int, months: int) -> dict[str, Any]:
    tones = ["good", "warn", "bad", "info", "quiet"]
    words = ["Checked", "Late", "Missing", "Running", "Waived"]
    cells = [{"text": f"Espresso {i} kg · Nordics"}, {"text": words[i % 5], "badge": tones[i % 5]}]
    cells += [{"text": f"{1000 + 37 * i * m}", "numeric": True} for m in range(months)]
    return {"id": i, "url": f"#unit-{i}", "cells": cells}


FIGURES = [
    {
        "label": "Revenue, last 12 months",
        "value": "77.5",
        "unit": "M EUR",
        "change": "+4.2%",
        "change_base": "on the year before",
        "url": "#r",
    },
    {
        "label": "Sold below cost",
        "value": "20\u202f586",
        "unit": "lines",
        "tone": "warn",
        "help": "Lines whose price is under the product's cost.",
    },
    {"label": "Rejected rows", "value": "3", "unit": "rows", "tone": "bad", "url": "#rejects"},
    {"label": "Sources checked", "value": "9 of 11"},
]
STEPS = [
    {"label": "Data", "state": "done", "tone": "good", "word": "made from today's data", "url": "#1"},
    {"label": "Demand", "state": "done", "tone": "warn", "word": "data changed since", "url": "#2"},
    {
        "label": "Supply",
        "state": "current",
        "tone": "bad",
        "word": "missing",
        "owner": "Sam Supply",
        "url": "#3",
    },
    {"label": "Reconcile", "state": "todo"},
    {"label": "Release", "state": "todo"},
]
JOBS = [
    {"id": 1, "label": "Import of sales.csv", "state": "running", "done": 1200, "total": 5000, "percent": 24,
     "step": "Checking rows", "eta_text": "about 20 s left", "cancel_url": "#", "poll_url": "/gallery/job/"},
    {"id": 2, "label": "Import of stock.xlsx", "state": "failed", "retry_url": "#",
     "error": "Column “site” is missing. Add it and upload again."},
    {"id": 3, "label": "Import of budget.csv", "state": "done", "step": "480 rows stored", "result_url": "#"},
]  # fmt: skip
CHANGES = [
    {
        "who": "Ada Analyst",
        "when": WHEN,
        "lines": [{"what": "Price", "before": "12.40", "after": "12.90"}],
        "reason": "New contract",
    }
]
CONFLICT = {
    "what": "this product", "who": "Carl Colleague", "when": WHEN, "action_url": "#", "theirs_url": "#",
    "rows": [{"label": "Price", "yours": "12.90", "theirs": "13.10"}],
    "hidden": [{"name": "price", "value": "12.90"}],
}  # fmt: skip
GRID = {
    "columns": [
        {"title": "Family", "field": "name", "frozen": True, "width": 180},
        *({"title": m, "field": f"m{i}", "numeric": True, "editable": True} for i, m in enumerate(MONTHS)),
    ],
    "rows": [
        {"name": f"Family {r}", "fixed": r == 0, **{f"m{i}": 100 * r + i for i in range(18)}}
        for r in range(6)
    ],
}


def _wave(base: float) -> list[float]:
    return [round(base + 900 * math.sin(i / 12 * 6.283)) for i in range(len(MONTHS))]


def charts() -> list[dict[str, Any]]:
    """One chart of each kind, each with a table behind it."""
    drawings = [
        ("line", "Sales follow the forecast; March lies above the budget", _line()),
        ("stacked", "Nordics and Iberia make half of the demand", _parts()),
        ("bars", "Espresso leads", {**_parts(), "series": _parts()["series"][:1], "sideways": True}),
        ("heat", "Line 2 is overloaded in March", _heat()),
        ("scatter", "Three products sell much and err much", _scatter()),
        ("waterfall", "Price explains most of the gap to budget", _fall()),
        ("histogram", "Most prices lie between 10 and 30", _bins()),
    ]
    return [
        {
            "id": f"chart-{kind}",
            "kind": kind,
            "title": title,
            "text": f"{title}.",
            "data": data,
            "table": table(3),
        }
        for kind, title, data in drawings
    ]


def _line() -> dict[str, Any]:
    past = [value if i < 10 else None for i, value in enumerate(_wave(9000))]
    ahead = [None if i < 9 else value for i, value in enumerate(_wave(9100))]
    series = [
        {"name": "Sales", "role": "history", "values": past},
        {"name": "Baseline", "role": "statistical", "values": ahead},
        {"name": "Consensus", "role": "consensus", "values": [v and v + 400 for v in ahead]},
        {"name": "Budget", "role": "budget", "values": _wave(9600)},
        {"name": "Last cycle", "role": "last", "values": _wave(8700)},
    ]
    bands = [
        {
            "name": name,
            "role": "statistical",
            "low": [v and v - w for v in ahead],
            "high": [v and v + w for v in ahead],
        }
        for name, w in (("95% interval", 1100), ("80% interval", 600))
    ]
    return {"x": MONTHS, "unit": "pcs", "today": "Apr 26", "series": series, "bands": bands}


def _parts() -> dict[str, Any]:
    names = ["Nordics", "Iberia", "DACH", "UK", "Other"]
    return {
        "x": MONTHS[:8],
        "unit": "pcs",
        "series": [{"name": n, "values": _wave(2000 - 300 * i)[:8]} for i, n in enumerate(names)],
    }


def _heat() -> dict[str, Any]:
    cells = [[i, j, 60 + (i * 13 + j * 29) % 55] for i in range(8) for j in range(4)]
    return {
        "x": MONTHS[:8],
        "y": ["Line 1", "Line 2", "Roaster", "Packing"],
        "unit": "%",
        "cells": cells,
        "limit": 100,
    }


def _scatter() -> dict[str, Any]:
    points = [{"name": f"P{i}", "x": 40 * i, "y": (i * 37) % 60} for i in range(30)]
    return {"label_x": "Sales", "label_y": "Error", "unit_x": "pcs", "unit_y": "%", "points": points}


def _fall() -> dict[str, Any]:
    steps = [
        ("Budget", 100, True),
        ("Price", -12, False),
        ("Volume", 5, False),
        ("Launches", 9, False),
        ("Plan", 102, True),
    ]
    drawn = [{"name": n, "value": v, "total": t} for n, v, t in steps]
    drawn[2]["role"] = "won"
    legend = [{"name": role.title(), "role": role} for role in ("up", "down", "won")]
    return {"unit": "M EUR", "steps": drawn, "legend": legend}


def _bins() -> dict[str, Any]:
    return {
        "unit": "EUR",
        "mark": 22.5,
        "bins": [{"from": 10 * i, "to": 10 * i + 10, "count": c} for i, c in enumerate([2, 9, 14, 7, 3, 1])],
    }


urlpatterns = [
    path("gallery/", gallery),
    path("gallery/panel/", panel),
    path("gallery/job/", job),
    path("", include("sopcycle.urls")),
]
