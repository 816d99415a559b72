"""Attainment of quotas: by rep, team, territory and product; one rep; the order lines behind a number."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.listing import Column, Empty, export_rows, query_without
from core.pages import plain_table
from crm.selectors.accounts import reps_visible_to
from territories.filters.attainment import AttainmentForm
from territories.models import QuotaMeasure
from territories.selectors.attainment import Asked, Attainment, Line, open_deals
from territories.selectors.attainment_groups import BY, trend
from territories.selectors.attainment_one import attainment_of, past_news
from territories.selectors.attainment_quotas import measures_of
from territories.views.attainment_charts import standing_chart, trend_chart
from territories.views.attainment_words import (
    attained_tone,
    attained_word,
    cell,
    closed_url,
    figures,
    interval,
    known_until,
    open_url,
    percent,
    text,
    times,
    to,
)

VIEW = "attainment.view"
INDENT = "\u2003"
SHOWN_DEALS = 25
NOTHING = Empty(
    "Nothing to measure in this period",
    "Here stand quota, what was closed, and where the period will end, as soon as quotas are approved or "
    "deals are won. Choose another period above, or set quotas first.",
)


@dataclass(frozen=True)
class Narrowed:
    """What parts/filters.html shows: a form."""

    form: AttainmentForm


class AttainmentPage(Page):
    """Quota, closed, pace, forecast with its interval, and coverage, line by line."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = AttainmentForm(request.GET)
        by = request.GET.get("by") if request.GET.get("by") in BY else "rep"
        label, read = BY[by or "rep"]
        found = read(person_of(request), form.asked)
        if request.GET.get("export"):
            title = f"Attainment by {label} {found.asked.period.label}"
            return export_rows(found.lines, _columns(label), title=title, form=request.GET["export"])
        context = {
            "filter": Narrowed(form),
            "asked": found.asked,
            "by": _switches(request, by or "rep"),
            "what": label,
            "grouped_by": by,
            "figures": figures(found.total, request, found.asked),
            "chart": standing_chart(found, label) if by != "product" else None,
            "trend": trend_chart(trend(person_of(request), found.asked)),
            "table": _product_table(found) if by == "product" else _table(request, found, by or "rep"),
            "sales": found.asked.measure == QuotaMeasure.SALES,
            "known_until": known_until(found.asked),
            "other": other_measure(request, found.asked),
            "currency": base_currency(),
        }
        return render(request, "territories/attainment.html", context)


def other_measure(request: HttpRequest, asked: Asked) -> dict[str, str] | None:
    """What the quotas are set in, where that is not what was asked for: like is not compared with like."""
    used = measures_of(asked.period.first, asked.period.last)
    if not used or asked.measure in used:
        return None
    label = QuotaMeasure(used.pop())
    rest = query_without(request, "measure", "page")
    return {
        "quotas": label.label.lower(),
        "asked": QuotaMeasure(asked.measure).label.lower(),
        "url": f"?{rest}measure={label}",
    }


def _switches(request: HttpRequest, by: str) -> list[dict[str, Any]]:
    rest = query_without(request, "by", "page")
    return [{"label": label, "url": f"?{rest}by={key}", "on": key == by} for key, (label, _) in BY.items()]


def _heads(first: str, asked: Asked) -> list[dict[str, Any]]:
    unit = base_currency()
    heads: list[dict[str, Any]] = [
        {"label": first},
        {"label": "Quota", "unit": unit, "numeric": True},
        {"label": "Closed", "unit": unit, "numeric": True},
        {"label": "Attained"},
    ]
    if not asked.is_over:
        heads += [
            {"label": "Pace", "numeric": True, "help": "Closed over what should be closed by now."},
            {
                "label": "Forecast",
                "numeric": True,
                "help": "Closed, open by chance, usually new; of the quota.",
            },
            {"label": "Interval", "numeric": True, "help": "Four of five simulated ends lie within."},
        ]
    if _has_pipeline(asked):
        heads += [
            {
                "label": "Open",
                "unit": unit,
                "numeric": True,
                "help": "Deals that are to close in the period.",
            },
            {"label": "Coverage", "numeric": True, "help": "Open over what is missing."},
            {"label": "Needed", "numeric": True, "help": "1 / win rate of the last twelve months."},
        ]
    return heads


def _has_pipeline(asked: Asked) -> bool:
    """Whether open deals can still add to the period."""
    return asked.measure == QuotaMeasure.BOOKINGS and not asked.is_over


def _table(request: HttpRequest, found: Attainment, by: str) -> dict[str, Any]:
    rows = [_row(request, found.asked, line, by) for line in found.lines]
    if len(found.lines) > 1 and by != "overlay":
        rows.append(_row(request, found.asked, found.total, ""))
    heads = _heads(BY[by][0], found.asked)
    return {"caption": f"Attainment by {by}", "columns": heads, "rows": rows, "empty": NOTHING}


def _row(request: HttpRequest, asked: Asked, line: Line, by: str) -> dict[str, Any]:
    whose = _whose(by, line)
    opened = bool(whose) or not by
    url = to("attainment-rep", request, line.pk) if by == "rep" and line.pk else ""
    can_open = opened and not (by == "team" and asked.measure == QuotaMeasure.SALES)
    cells = [
        {"text": f"{INDENT * line.depth}{line.name}", "title": "", "url": url},
        cell(line.quota),
        cell(line.closed, closed_url(request, asked, **whose) if can_open else ""),
        {"text": attained_word(line), "badge": attained_tone(line)},
    ]
    if not asked.is_over:
        cells += [text(percent(line.pace)), text(percent(line.expected)), text(interval(line))]
    if _has_pipeline(asked):
        note = "" if line.rate_is_own else "The win rate of all: too few deals of one's own"
        cells += [
            cell(line.open.money, open_url(request, asked, **whose) if opened else ""),
            text(times(line.had)),
            text(times(line.needed), title=note),
        ]
    return {"url": url, "cells": cells}


def _whose(by: str, line: Line) -> dict[str, Any]:
    """How the pages behind a number are told whose it is; nothing where they cannot be told."""
    if by in ("territory", "overlay"):
        return {"territory": line.pk or "none"}
    return {by: line.key} if by in ("rep", "team") and line.key else {}


def _product_table(found: Attainment) -> dict[str, Any]:
    whole, quota = found.total.closed, found.total.quota
    unit = base_currency()
    columns = [
        Column("name", "Product"),
        Column("key", "Code", kind="code"),
        Column("closed", "Closed", kind="quantity", unit=unit),
        Column("share", "Of all closed", lambda one: one.closed / whole if whole else None, "percent"),
        Column("adds", "Adds to attainment", lambda one: one.closed / quota if quota else None, "percent"),
        Column("count", "Bookings or lines", kind="quantity"),
        *(_product_forecast(found.asked, unit) if not found.asked.is_over else []),
    ]
    return plain_table(found.lines, columns, caption="Closed by product", empty=NOTHING)


def _product_forecast(asked: Asked, unit: str) -> list[Column]:
    """Where each product will end: there is no quota to compare it with, so it is money."""

    def money_of(key: str, label: str, about: str = "") -> Column:
        return Column(key, label, f"outlook.{key}", "quantity", unit, help=about)

    weighted = [money_of("weighted", "Open by chance", "Parts of open deals × their chance.")]
    return [
        *(weighted if _has_pipeline(asked) else []),
        money_of("new", "Usually new", "Mean of the rest of past periods, from the same point."),
        money_of("expected", "Expected", "Closed, open by chance and usually new."),
        money_of("low", "Low", "One of ten simulated ends lies below."),
        money_of("high", "High", "One of ten simulated ends lies above."),
    ]


def _columns(first: str) -> list[Column]:
    """The columns of the file: exact numbers."""
    unit = base_currency()
    return [
        Column("name", first),
        Column("key", "Code"),
        Column("quota", "Quota", kind="money", unit=unit),
        Column("closed", "Closed", kind="money", unit=unit),
        Column("count", "Bookings or lines", kind="number"),
        Column("attained", "Attained", kind="percent"),
        Column("gone", "Over", kind="percent"),
        Column("pace", "Pace", kind="percent"),
        Column("open", "Open", "open.money", "money", unit),
        Column("weighted", "Open by chance", "outlook.weighted", "money", unit),
        Column("new", "Usually new", "outlook.new", "money", unit),
        Column("expected", "Forecast attainment", kind="percent"),
        Column("low", "Low", kind="percent"),
        Column("high", "High", kind="percent"),
        Column("had", "Coverage", kind="number"),
        Column("needed", "Coverage needed", kind="number"),
    ]


class RepAttainment(Page):
    """One rep's period: the parts of the forecast, what is behind each, and how it was before."""

    action = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        person, form = person_of(request), AttainmentForm(request.GET)
        rep = get_object_or_404(reps_visible_to(person), pk=pk)
        asked = form.asked
        line = attainment_of(person, asked, rep)
        deals = [] if asked.is_over else list(open_deals(person, asked).filter(rep=rep)[: SHOWN_DEALS + 1])
        context = {
            "filter": Narrowed(form),
            "rep": rep,
            "asked": asked,
            "line": line,
            "figures": figures(line, request, asked, rep=rep.code),
            "parts": _parts_table(request, asked, line, rep),
            "deals": _deal_table(deals[:SHOWN_DEALS]),
            "more_deals": open_url(request, asked, rep=rep.code) if len(deals) > SHOWN_DEALS else "",
            "trend": trend_chart(trend(person, asked, rep=rep.pk), f" of {rep.name}"),
            "news": past_news(person, asked, rep),
            "sales": asked.measure == QuotaMeasure.SALES,
            "known_until": known_until(asked),
            "other": other_measure(request, asked),
            "currency": base_currency(),
            "back": to("attainment", request),
        }
        return render(request, "territories/attainment_rep.html", context)


def _parts_table(request: HttpRequest, asked: Asked, line: Line, rep: Any) -> dict[str, Any]:
    """The sum that makes the forecast, each part with where it comes from."""
    one = line.outlook
    rows: list[tuple[str, Any, str, str]] = [
        ("Closed", line.closed, closed_url(request, asked, rep=rep.code), "Won, or sold, in the period")
    ]
    if one is not None:
        if _has_pipeline(asked):
            open_deals_of = open_url(request, asked, rep=rep.code)
            rows.append(("Open by chance", one.weighted, open_deals_of, "Open deals × their chance"))
        rows += [
            ("Usually new", one.new, "#past", "Mean of the rest of past periods, from the same point"),
            ("Expected", one.expected, "", "These together"),
            ("Low end", one.low, "", "One of ten simulated ends lies below"),
            ("High end", one.high, "", "One of ten simulated ends lies above"),
        ]
    return {
        "caption": "How the forecast is made",
        "columns": [
            {"label": "Part"},
            {"label": "Amount", "unit": base_currency(), "numeric": True},
            {"label": "Of the quota", "numeric": True},
            {"label": "Where it comes from"},
        ],
        "rows": [
            {
                "cells": [
                    {"text": name},
                    cell(value, url),
                    text(percent(float(value) / float(line.quota)) if line.quota else "–"),
                    {"text": note},
                ]
            }
            for name, value, url, note in rows
        ],
        "empty": NOTHING,
    }


def _deal_table(deals: list[Any]) -> dict[str, Any]:
    unit = base_currency()
    columns = [
        Column("name", "Deal", lambda deal: str(deal)),
        Column("account", "Account", "account.name"),
        Column("stage", "Stage", "stage.name"),
        Column("expected_close", "Closes", kind="date"),
        Column("amount", "Amount", "base_amount", "money", unit),
        Column("chance", "Chance", kind="percent"),
        Column("weighted", "By chance", kind="money", unit=unit),
    ]
    empty = Empty("No open deals close in this period", "What is new until then is all that can be added.")
    return plain_table(deals, columns, caption="Open deals", empty=empty, row_url=_deal_url)


def _deal_url(deal: Any) -> str:
    return reverse("crm:deal", args=[deal.pk])
