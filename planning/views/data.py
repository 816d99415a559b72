"""Stage 1 in the browser: what is missing, the freeze, the forecast, the accuracy, the data pack."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from core.access import person_of
from core.errors import Denied, Reason, Refused
from core.listing import Column, Empty, export_rows
from core.models import Person
from core.pages import plain_table
from core.roles import can
from forecasting.models import ForecastRun
from forecasting.selectors.runs import progress_of
from planning.engine.moves import find_move
from planning.models import AccuracyBasis, AccuracyReport, Cycle, DataFreeze
from planning.selectors.accuracy import report_of
from planning.selectors.data import freeze_of
from planning.selectors.data_facts import FACTS
from planning.selectors.data_pack import PackLine, last_month_of, pack_lines
from planning.services.data import compute_accuracy, freeze_data, start_forecast
from planning.views.base import CyclePage
from planning.workflow import refusals
from planning.workflow.data import data_frozen, forecast_complete

PACK = [
    Column("family", "Family", "family.name"),
    Column("sold", "Sold last month", kind="quantity", unit="units"),
    Column("planned", "Last plan said", kind="quantity", unit="units"),
    Column("away", "Away from it", kind="percent"),
    Column(
        "look",
        "Worth a look",
        lambda line: "More than 20 % away" if line.is_far else "",
        "badge",
        tone=lambda line: "warn" if line.is_far else "",
    ),
    Column("year", "Sold in 12 months", kind="quantity", unit="units"),
    Column("growth", "Against the year before", kind="percent"),
    Column("forecast", "Forecast", lambda line: f"{line.forecast} of {line.units}", unit="demand units"),
]
ACCURACY = [
    Column("name", "Family"),
    Column("wape", "WAPE", kind="percent", help="Sum of the absolute errors over what was sold."),
    Column("bias", "Bias", kind="percent", help="Above zero: the plan was too high."),
    Column("units", "Sold", kind="quantity", unit="units"),
]
FROZEN = [
    Column("label", "Data"),
    Column("rows", "Rows", kind="number"),
    Column("last", "Up to", kind="date"),
    Column("total", "Total", kind="quantity"),
]


class DataStage(CyclePage):
    """What the month's data is, and what stage 1 still needs."""

    action = "cycle.view"
    place = "data"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponseBase:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        if form := request.GET.get("export"):
            return export_rows(pack_lines(person, cycle), PACK, title=f"Data pack {cycle}", form=form)
        return self.show(request, cycle, "planning/data.html", page_of(cycle, person))


class DataAction(CyclePage):
    """One button of the page: calls its service and comes back, with the reasons where it refuses."""

    place = "data"
    service: Callable[..., Any]
    done = ""

    def post(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        try:
            type(self).service(actor=person, cycle=cycle)
        except Denied:
            raise
        except Refused as refusal:
            context = page_of(cycle, person) | {"refused": refusal.reasons}
            return self.show(request, cycle, "planning/data.html", context, status=refusal.status)
        messages.success(request, self.done)
        return redirect("planning:data", cycle_pk)


class DataFreezing(DataAction):
    action = "data.freeze"
    service = staticmethod(freeze_data)
    done = "The data is frozen."


class DataForecasting(DataAction):
    action = "forecast.run"
    service = staticmethod(start_forecast)
    done = "The forecast is asked for; its progress stands below."


class DataMeasuring(DataAction):
    action = "data.freeze"
    service = staticmethod(compute_accuracy)
    done = "The accuracy is computed."


def page_of(cycle: Cycle, person: Person) -> dict[str, Any]:
    """The context of the page: three steps of work, what blocks the signature, and the data pack."""
    freeze, report = freeze_of(cycle), report_of(cycle)
    run = ForecastRun.objects.select_related("job").filter(cycles=cycle).first()
    is_open = cycle.stage == "data"
    return {
        "is_open": is_open,
        "blockers": _blockers(cycle) if is_open else [],
        "freeze": freeze,
        "frozen": _frozen_table(freeze),
        "freeze_problem": data_frozen(cycle),
        "run": run,
        "job": progress_of(run, person) if run else None,
        "forecast_problem": forecast_complete(cycle),
        "report": report,
        "accuracy": _accuracy_table(report),
        "accuracy_text": _accuracy_text(report),
        "pack": _pack_table(pack_lines(person, cycle)),
        "pack_text": f"What was sold up to {last_month_of(cycle):%B %Y}, against the last released plan.",
        "may_freeze": is_open and bool(can(person, "data.freeze")),
        "may_forecast": is_open and bool(can(person, "forecast.run")),
        "primary": _next_step(is_open, freeze is not None and not data_frozen(cycle), run, report),
    }


def _next_step(is_open: bool, is_frozen: bool, run: ForecastRun | None, report: AccuracyReport | None) -> str:
    """Which one of the buttons is the next to press."""
    if not is_open:
        return ""
    if not is_frozen:
        return "freeze"
    return "forecast" if run is None else "accuracy" if report is None else ""


def _blockers(cycle: Cycle) -> list[Reason]:
    move = find_move("sign-data", cycle.stage)
    return refusals(cycle, move) if move else []


def _frozen_table(freeze: DataFreeze | None) -> dict[str, Any]:
    facts = freeze.content.get("facts", {}) if freeze else {}
    rows = [
        {
            "label": FACTS[name].label,
            "rows": found["rows"],
            "last": dt.date.fromisoformat(found["last"]) if found["last"] else None,
            "total": next(iter(found["totals"].values()), None),
        }
        for name, found in facts.items()
        if name in FACTS
    ]
    empty = Empty(
        "Nothing is frozen yet", "A freeze counts and sums every fact, so that the plan stands still."
    )
    return plain_table([_Row(row) for row in rows], FROZEN, caption="Frozen data", empty=empty)


class _Row:
    """A dict whose keys columns can name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def _accuracy_table(report: AccuracyReport | None) -> dict[str, Any]:
    content = report.content if report else {}
    families = [_Row(found) for found in content.get("families", {}).values()]
    total = [_Row({"name": "All families", **content["total"]})] if content else []
    text = "Compute it once the data is frozen: the last plan against what was sold."
    empty = Empty("Not computed yet", text)
    return plain_table([*total, *families], ACCURACY, caption="Accuracy by family", empty=empty)


def _accuracy_text(report: AccuracyReport | None) -> str:
    if report is None:
        return ""
    if report.basis == AccuracyBasis.RELEASED:
        return f"The plan of {report.of_cycle} for {report.month:%B %Y}, one month ahead."
    return "There is no released plan yet: these are the back-tests of the forecast itself."


def _pack_table(lines: list[PackLine]) -> dict[str, Any]:
    empty = Empty(
        "No demand units yet",
        "The data pack shows every family that is sold. Import products and sales first.",
        "Import a file",
        reverse("gathering:import-start"),
    )
    table = plain_table(lines, PACK, caption="Families", empty=empty)
    return table | {"count": len(lines)}
