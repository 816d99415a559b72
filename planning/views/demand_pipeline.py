"""The open deals in stage 2: what they say, what is left out and why, and taking it as the stream's word."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from catalog.models import Family, Market, Product
from core import company
from core.access import person_of
from core.errors import Denied, Refused
from core.formats import show
from core.listing import Column, Empty
from core.pages import plain_table
from core.roles import can
from forecasting.models import DealForecast
from forecasting.selectors.deals import newest_deal_forecast
from planning.engine.pipeline_stream import Cell, Taken
from planning.models import Cycle, PipelineChances, PipelineKind, PipelineTake, StreamName
from planning.pipeline.consensus import has_consensus
from planning.pipeline.pipeline_stream import heard
from planning.selectors.open_deals import last_take
from planning.services.pipeline_inputs import take_pipeline
from planning.views.demand import DemandPage

SHOWN = 25


class TakeForm(forms.Form):
    """How the deals speak."""

    kind = forms.ChoiceField(
        label="They count",
        choices=PipelineKind.choices,
        initial=PipelineKind.ADD,
        widget=forms.RadioSelect,
        help_text="On top, where deals are new business beside what is sold anyway; instead, where every "
        "sale runs through a deal.",
    )


class ChancesForm(TakeForm):
    """The same, where a deal forecast has a word on the chances."""

    chances = forms.ChoiceField(
        label="Chance to win and month from",
        choices=PipelineChances.choices,
        initial=PipelineChances.FORECAST,
        widget=forms.RadioSelect,
        help_text="A deal that the forecast does not know, or that closes after its months, keeps its CRM’s.",
    )


class DemandPipeline(DemandPage):
    """A look at what the open deals say; a POST takes it."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        last = last_take(cycle)
        made = newest_deal_forecast()
        known = {"kind": last.kind if last else PipelineKind.ADD, "chances": _wished(request, made, last)}
        return self.page(request, cycle, _form_for(made)(initial=known), made)

    def post(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, made = self.cycle(request, cycle_pk), newest_deal_forecast()
        form = _form_for(made)(request.POST)
        if not form.is_valid():
            return self.page(request, cycle, form, made, status=400)
        try:
            taken = take_pipeline(actor=person_of(request), cycle=cycle, **form.cleaned_data)
        except Denied:
            raise
        except Refused as refusal:
            return self.page(request, cycle, form, made, refused=refusal, status=refusal.status)
        units = show(round(taken.units), "number")[0]
        messages.success(
            request, f"{taken.deals} open deals speak with {units} units in the pipeline stream."
        )
        return redirect("planning:demand-pipeline", cycle_pk)

    def page(
        self,
        request: HttpRequest,
        cycle: Cycle,
        form: TakeForm,
        made: DealForecast | None,
        refused: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        person = person_of(request)
        stream = cycle.streams.get(name=StreamName.PIPELINE)
        last = last_take(cycle)
        context = {
            "stream": stream,
            "last": last,
            "made": made,
            "refused": refused.reasons if refused else None,
            "may_take": cycle.stage == "demand"
            and stream.state == "open"
            and bool(can(person, "demand.input")),
            "form": form,
            "currency": company.value("base_currency"),
            "inputs_url": f"{reverse('planning:demand-input-list', args=[cycle.pk])}?stream=pipeline",
        }
        if has_consensus(cycle):
            used = None if _wished(request, made, last) == PipelineChances.CRM else made
            context |= {"used": used} | _heard(cycle, person, last, used)
        return self.show(request, cycle, "planning/demand_pipeline.html", context, status=status)


def _form_for(made: DealForecast | None) -> type[TakeForm]:
    return ChancesForm if made else TakeForm


def _wished(request: HttpRequest, made: DealForecast | None, last: PipelineTake | None) -> str:
    """Whose chances the page shows: as asked for, else as they were taken, else the deal forecast's."""
    asked = request.POST.get("chances") or request.GET.get("chances", "")
    if made is None or asked == PipelineChances.CRM:
        return PipelineChances.CRM
    return PipelineChances.FORECAST if asked or last is None else last.chances


def _heard(cycle: Cycle, person: Any, last: PipelineTake | None, used: DealForecast | None) -> dict[str, Any]:
    _, taken = heard(cycle, person, used)
    return {
        "taken": taken,
        "is_stale": last is not None and last.fingerprint != taken.fingerprint,
        "figures": _figures(taken),
        "chart": _chart(taken) if taken.shares else None,
        "cells": _cells(cycle, taken),
        "more_cells": max(0, len(taken.cells) - SHOWN),
        "left_out": _left_out(taken),
    }


def _figures(taken: Taken) -> list[dict[str, Any]]:
    currency = company.value("base_currency")
    amount = sum((share.amount or Decimal(0) for share in taken.shares), Decimal(0))
    left = sum((one.amount for one in taken.left_out.values()), Decimal(0))
    count = len({deal for one in taken.left_out.values() for deal in one.deals})
    units = sum(taken.cells.values(), Decimal(0))
    return [
        {
            "label": "Open deals",
            "value": show(len(taken.deals), "number")[0],
            "help": "That can be placed in the plan",
        },
        {
            "label": "Expected units",
            "value": show(round(units), "number")[0],
            "help": "Units × chance to win",
        },
        {"label": "Expected money", "value": show(round(amount), "number")[0], "unit": currency},
        {
            "label": "Left out",
            "value": show(round(left), "number")[0],
            "unit": currency,
            "help": f"{count} deals, weighted; why stands below",
            "tone": "warn" if count else "",
        },
    ]


def _chart(taken: Taken) -> dict[str, Any]:
    months: dict[dt.date, Decimal] = {}
    for cell, units in taken.cells.items():
        months[cell.month] = months.get(cell.month, Decimal(0)) + units
    ordered = sorted(months.items())
    best = max(ordered, key=lambda pair: pair[1])
    told = [(f"{month:%b %y}", round(float(units))) for month, units in ordered]
    return {
        "id": "open-deals",
        "kind": "bars",
        "title": f"Most is expected to close in {best[0]:%b %Y}: {show(round(best[1]), 'number')[0]} units",
        "subtitle": "Units × chance to win, by expected close",
        "text": ", ".join(f"{label} {show(units, 'number')[0]}" for label, units in told),
        "data": {
            "x": [label for label, _ in told],
            "unit": "units",
            "series": [{"name": "Expected", "role": "consensus", "values": [units for _, units in told]}],
        },
        "table": {
            "columns": [{"label": "Month"}, {"label": "Expected", "unit": "units", "numeric": True}],
            "rows": [
                {"cells": [{"text": label}, {"text": show(units, "number")[0], "numeric": True}]}
                for label, units in told
            ],
        },
    }


def _cells(cycle: Cycle, taken: Taken) -> dict[str, Any]:
    """The cells with the most units: what, where, when, how many deals."""
    largest = sorted(taken.cells.items(), key=lambda pair: (-pair[1], pair[0].key))[:SHOWN]
    names = _Names(cell for cell, _ in largest)
    counts: dict[Cell, set[int]] = {}
    for share in taken.shares:
        counts.setdefault(share.cell, set()).add(share.deal)
    rows = [(cell, units, len(counts[cell])) for cell, units in largest]
    columns = [
        Column("what", "What", lambda row: names.what(row[0])),
        Column("where", "Where", lambda row: names.where(row[0])),
        Column("month", "Month", lambda row: row[0].month, "month"),
        Column("deals", "Deals", lambda row: row[2], "number"),
        Column("units", "Expected", lambda row: row[1], "quantity", unit="units"),
    ]
    empty = Empty(
        "No open deal can be placed",
        "A deal speaks here once it has a product that is planned, an expected close date, a chance to win, "
        "and a quantity or an amount.",
    )
    return plain_table(rows, columns, caption="What the open deals say", empty=empty)


class _Names:
    """The names of the cells' products, families and markets, in three queries."""

    def __init__(self, cells: Any) -> None:
        found = list(cells)
        self.products = Product.objects.in_bulk({cell.product for cell in found if cell.product})
        self.families = Family.objects.in_bulk({cell.family for cell in found if cell.family})
        self.markets = Market.objects.in_bulk({cell.market for cell in found if cell.market})

    def what(self, cell: Cell) -> str:
        return self.products[cell.product].name if cell.product else self.families[cell.family].name

    def where(self, cell: Cell) -> str:
        return self.markets[cell.market].name if cell.market else "All markets"


def _left_out(taken: Taken) -> dict[str, Any]:
    rows = sorted(taken.left_out.items(), key=lambda pair: -pair[1].amount)
    columns = [
        Column("reason", "Why", lambda row: row[0]),
        Column("deals", "Deals", lambda row: len(row[1].deals), "number"),
        Column("amount", "Weighted", lambda row: row[1].amount, "money", unit=company.value("base_currency")),
    ]
    empty = Empty("Nothing is left out", "Every open deal can be placed in the plan.")
    return plain_table(rows, columns, caption="Deals that are left out", empty=empty)
