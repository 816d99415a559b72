"""Months of the past that a run replaced: on the page of a series, each with a button, and in a list."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from catalog.selectors import demand_units_visible_to
from core import company
from core.access import person_of, requires
from core.errors import Refused
from core.listing import Column, Empty, ListPage
from core.pages import Link, Section
from core.roles import can
from forecasting.filters.lives import CleanedFilter
from forecasting.forms.lives import MonthForm
from forecasting.models import CleanedMonth, ForecastSeries, MonthSaid
from forecasting.selectors.months import cleaned_visible_to, month_lines
from forecasting.services.month_marks import mark_month
from forecasting.views.runs import visible_run

SHORT = {MonthSaid.KEPT: "Kept", MonthSaid.MASKED: "Masked", MonthSaid.NOTHING: "Replaced"}
TONES = {MonthSaid.KEPT: "good", MonthSaid.MASKED: "info", MonthSaid.NOTHING: "quiet"}
DONE = {
    MonthSaid.KEPT: "{0} is kept: the next forecast takes it as it was.",
    MonthSaid.MASKED: "{0} is masked: the next forecast passes over it.",
    MonthSaid.NOTHING: "{0} is left to the forecast again.",
}


def cleaned_section(request: HttpRequest, series: ForecastSeries) -> Section:
    """The part of a series' page with its cleaned months, and what can be said about them."""
    unit = series.demand_unit_id
    lines = [
        {"line": line, "short": SHORT[MonthSaid(line.said)], "tone": TONES[MonthSaid(line.said)]}
        for line in month_lines(person_of(request), series)
    ]
    links = (
        Link("Plan its launch", reverse("forecasting:launch-add", args=[unit]), "forecast.steer"),
        Link("Replace or phase out", reverse("forecasting:succession-add", args=[unit]), "forecast.steer"),
    )
    context = {
        "lines": lines,
        "may_steer": bool(can(request.user, "forecast.steer")),
        "url": reverse("forecasting:month-mark", args=[unit]),
        "here": request.path,
        "last_month": f"{series.run.last_month:%Y-%m}",
    }
    note = "Months that lie far off or that an event moves are replaced before anything is fitted."
    return Section("Cleaned months", "forecasting/cleaned_months.html", context, note, links)


@require_POST
@requires("forecast.steer")
def month_mark(request: HttpRequest, demand_unit: int) -> HttpResponse:
    """Keep, mask or leave one month of a demand unit, and go back to where the button was."""
    person = person_of(request)
    unit = get_object_or_404(demand_units_visible_to(person), pk=demand_unit)
    form = MonthForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a month, such as 2026-03, and what to say about it.")
        return redirect(_back(request, demand_unit))
    data = form.cleaned_data | {"said": MonthSaid(form.cleaned_data["said"])}
    try:
        mark = mark_month(actor=person, demand_unit=unit, **data)
        messages.success(request, DONE[data["said"]].format(f"{mark.month:%b %Y}"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(_back(request, demand_unit))


def _back(request: HttpRequest, demand_unit: int) -> str:
    """The page with the button; never another site's."""
    here = request.POST.get("back", "")
    if here and url_has_allowed_host_and_scheme(here, allowed_hosts=None):
        return f"{here}#cleaned-months"
    return reverse("forecasting:newest-series", args=[demand_unit])


class CleanedList(ListPage):
    """Every month that a run replaced, the dearest first."""

    action = "forecast.view"
    title = "Cleaned months"
    template_name = "forecasting/cleaned_list.html"
    filterset_class = CleanedFilter
    default_order = "-money"
    empty = Empty(
        "No cleaned months",
        "This run took every month as it was: nothing lies far from its neighbours, and no event is dated.",
    )
    columns = [
        Column("product", "Product", "demand_unit.product.name", order="demand_unit__product__name"),
        Column("code", "Code", "demand_unit.product.code", "code", order="demand_unit__product__code"),
        Column("market", "Market", "demand_unit.market.name", order="demand_unit__market__name"),
        Column("month", "Month", kind="month", order="month"),
        Column("was", "Sold", kind="quantity", order="was"),
        Column("now", "Taken as", kind="quantity", order="now"),
        Column("money", "Worth", kind="money", order="money", help="The difference at its mean price."),
        Column("why", "Why"),
        Column(
            "said",
            "What people say",
            lambda row: SHORT[MonthSaid(row.said)],
            "badge",
            tone=lambda row: TONES[MonthSaid(row.said)],
            order="said",
        ),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[CleanedMonth]:
        run = visible_run(request, self.kwargs["pk"])
        return cleaned_visible_to(person_of(request)).filter(run=run)

    def row_url(self, row: CleanedMonth) -> str:
        page = reverse("forecasting:series", args=[row.run_id, row.demand_unit_id])
        return f"{page}#cleaned-months"

    def more(self, request: HttpRequest) -> dict[str, Any]:
        run = visible_run(request, self.kwargs["pk"])
        return {"run": run, "currency": company.value("base_currency")}
