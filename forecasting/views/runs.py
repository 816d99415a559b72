"""The forecasts: which were run, how far one is, how good it is, and its series."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import company
from core.access import person_of, requires
from core.errors import Refused
from core.explain import address
from core.history import changes_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage
from core.roles import can
from forecasting.filters.runs import RunFilter, SeriesFilter, ValueFilter
from forecasting.forms.runs import RunForm
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue, RunState
from forecasting.selectors import accuracy
from forecasting.selectors.classes import classes_of
from forecasting.selectors.runs import is_open, progress_of, runs_visible_to
from forecasting.selectors.values import series_of_run, values_visible_to
from forecasting.services.runs import cancel_run, retry_run, start_run
from forecasting.views.judgement import figures_of_run, sections_of_run
from forecasting.views.words import TONES, short_method
from gathering.selectors.facts import last_month_of_sales

CLASS_HELP = "ABC: what it earns. XYZ: how well it is forecast."


class RunList(ListPage):
    action = "forecast.view"
    title = "Forecasts"
    filterset_class = RunFilter
    default_order = "-id"
    empty = Empty(
        "No forecasts yet",
        "A forecast looks at the sales of every active demand unit and says what to expect of each month, "
        "with an interval and how far such forecasts were off before. A cycle runs one in its first stage.",
        "Run a forecast",
        "/forecasts/add/",
    )
    columns = [
        Column("name", "Forecast", value=str),
        Column("last_month", "Data up to", kind="month", order="last_month"),
        Column("horizon", "Ahead", kind="number", unit="months", order="horizon"),
        Column("series", "Demand units", kind="number", order="series"),
        Column(
            "state",
            "State",
            value=lambda run: run.get_state_display(),
            kind="badge",
            tone=lambda run: TONES[RunState(run.state)],
            order="state",
        ),
        Column("requested_by", "Asked for by", "requested_by.name", order="requested_by__name"),
        Column("created", "Asked for", kind="time", order="created"),
        Column("finished", "Ended", kind="time", order="finished"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ForecastRun]:
        return runs_visible_to(person_of(request))

    def row_url(self, row: ForecastRun) -> str:
        return run_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, "forecast.run"):
            return {}
        return {"primary": {"url": reverse("forecasting:run-add"), "label": "Run a forecast"}}


class RunAdd(AddPage):
    action = "forecast.run"
    form_class = RunForm
    heading = "Run a forecast"
    pretitle = "Forecasts"
    submit_label = "Run this forecast"
    done = "{row} is asked for."
    note = (
        "Every active demand unit is forecast from its sales up to a month. All workers share the work; "
        "the same forecast of the same data is never made twice."
    )

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        known = {"last_month": last_month_of_sales(), "horizon": company.value("horizon")}
        return known | request.GET.dict()

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> ForecastRun:
        run = start_run(actor=person_of(request), **data)
        if run.state == RunState.DONE:
            messages.info(request, "Data and settings are the same as then: this forecast is still right.")
        return run

    def done_url(self, request: HttpRequest, saved: ForecastRun) -> str:
        return run_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("forecasting:run-list")


class RunPage(ListPage):
    """One run: how far it is; once it is done, how good, and how each demand unit was forecast."""

    action = "forecast.view"
    _run: ForecastRun | None = None
    title = "Demand units"
    template_name = "forecasting/run.html"
    filterset_class = SeriesFilter
    default_order = "-mase"
    empty = Empty("No such demand units", "No forecast of this run is like that. Remove a filter.")
    columns = [
        Column("product", "Product", "demand_unit.product.name", order="demand_unit__product__name"),
        Column("code", "Code", "demand_unit.product.code", "code", order="demand_unit__product__code"),
        Column(
            "family", "Family", "demand_unit.product.family.name", order="demand_unit__product__family__name"
        ),
        Column("market", "Market", "demand_unit.market.name", order="demand_unit__market__name"),
        Column("method", "Method", lambda row: short_method(row.method), order="method"),
        Column("reason", "Why"),
        Column("wape", "WAPE", kind="percent", order="wape", help="Error in back-tests, of what was sold."),
        Column("bias", "Bias", kind="percent", order="bias", help="Above zero: too much was forecast."),
        Column("mase", "MASE", kind="number", order="mase", help="Below 1: better than last year’s value."),
    ]

    def run(self, request: HttpRequest) -> ForecastRun:
        """The run, looked up once a request."""
        if self._run is None:
            self._run = visible_run(request, self.kwargs["pk"])
        return self._run

    def rows(self, request: HttpRequest) -> QuerySet[ForecastSeries]:
        return series_of_run(person_of(request), self.run(request))

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return with_class(self.columns, self.run(request))

    def row_url(self, row: ForecastSeries) -> str:
        return series_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        run = self.run(request)
        context: dict[str, Any] = {
            "run": run,
            "tone": TONES[RunState(run.state)],
            "progress": progress_of(run, person_of(request)),
            "changes": changes_of(run),
            "may_retry": run.state != RunState.DONE and not is_open(run),
        }
        if run.state == RunState.DONE:
            frame = accuracy.tested_series(person_of(request), run)
            context |= {
                "figures": figures_of_run(frame),
                "sections": [vars(part) for part in sections_of_run(frame)],
            }
        return context


class ValueList(ListPage):
    """Every month of every forecast of a run: to look through, and to take out."""

    action = "forecast.view"
    title = "Forecast by month"
    rows_name = "Months of demand units"
    template_name = "forecasting/values.html"
    filterset_class = ValueFilter
    default_order = "demand_unit,month"
    empty = Empty("Nothing forecast", "This run has no such months, or it is not done yet.")
    columns = [
        Column("product", "Product", "demand_unit.product.name"),
        Column("code", "Code", "demand_unit.product.code", "code"),
        Column("market", "Market", "demand_unit.market.name"),
        Column("month", "Month", kind="month", order="month"),
        Column(
            "mean",
            "Forecast",
            kind="number",
            order="mean",
            link=lambda row: address("forecast", row.run_id, row.demand_unit_id, row.month),
        ),
        Column("lower_80", "80 % from", kind="number"),
        Column("upper_80", "80 % to", kind="number"),
        Column("lower_95", "95 % from", kind="number"),
        Column("upper_95", "95 % to", kind="number"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ForecastValue]:
        run = visible_run(request, self.kwargs["pk"])
        return values_visible_to(person_of(request)).filter(run=run, run__state=RunState.DONE)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return with_class(self.columns, visible_run(request, self.kwargs["pk"]))

    def row_url(self, row: ForecastValue) -> str:
        return reverse("forecasting:series", args=[row.run_id, row.demand_unit_id])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"run": visible_run(request, self.kwargs["pk"])}


@requires("forecast.view")
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress part, asked for each second. When the work ends, the whole page comes anew."""
    run = visible_run(request, pk)
    progress = progress_of(run, person_of(request))
    if progress is None or run.job is None or run.job.is_over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "parts/job_progress.html", {"job": progress})


@require_POST
@requires("forecast.run")
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        cancel_run(actor=person_of(request), run=visible_run(request, pk))
        messages.info(
            request, "The forecast stops after the series it is at. What is stored is kept for a retry."
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("forecasting:run", pk)


@require_POST
@requires("forecast.run")
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        retry_run(actor=person_of(request), run=visible_run(request, pk))
        messages.success(request, "The forecast goes on where it stopped.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("forecasting:run", pk)


def with_class(columns: list[Column], run: ForecastRun) -> list[Column]:
    """The columns of a finished run's demand units, with their ABC/XYZ class after their names."""
    if run.state != RunState.DONE:
        return columns
    found = classes_of(run)
    name = Column("class", "Class", lambda row: found.get(row.demand_unit_id), "code", help=CLASS_HELP)
    place = 1 + next(at for at, column in enumerate(columns) if column.key == "market")
    return [*columns[:place], name, *columns[place:]]


def visible_run(request: HttpRequest, pk: int) -> ForecastRun:
    return get_object_or_404(runs_visible_to(person_of(request)), pk=pk)


def run_url(run: ForecastRun) -> str:
    return reverse("forecasting:run", args=[run.pk])


def series_url(series: ForecastSeries) -> str:
    return reverse("forecasting:series", args=[series.run_id, series.demand_unit_id])
