"""The page about what the open deals promise: revenue by month, deal by deal, and how well it is judged."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from core import company
from core.access import person_of
from core.formats import short, show
from core.listing import Column, Empty, ListPage
from core.pages import AddPage
from forecasting.filters.deals import ChanceFilter
from forecasting.forms.deals import DealForecastForm
from forecasting.models import DealChance, DealForecast, RunState
from forecasting.selectors.deals import (
    chances_visible_to,
    deal_forecasts_visible_to,
    money_of,
    newest_deal_forecast,
    open_deal_forecast,
    progress_of_deals,
    revenue_of,
)
from forecasting.services.deal_forecasts import start_deal_forecast
from forecasting.views.deal_judgement import backtest_sections, revenue_chart
from forecasting.views.words import TONES


def deal_url(row: DealChance) -> str:
    return reverse("crm:deal", args=[row.deal_id])


class DealForecastPage(ListPage):
    """The newest deal forecast, or the one named: deals by the money expected of them."""

    action = "forecast.view"
    title = "Open deals"
    template_name = "forecasting/deal_forecast.html"
    filterset_class = ChanceFilter
    default_order = "-expected"
    empty = Empty("No such deals", "No open deal of yours is like that. Remove a filter.")
    columns = [
        Column("deal", "Deal", "deal", order="deal__name"),
        Column("account", "Account", "deal.account.name", order="deal__account__name"),
        Column("owner", "Owner", "deal.rep.name", order="deal__rep__name"),
        Column("stage", "Stage", order="stage"),
        Column("worth", "Worth", kind="money", order="worth", help="If it is won, in base currency."),
        Column("basis", "From", "get_basis_display", help="What the worth rests on."),
        Column("probability", "Chance", kind="percent", order="probability"),
        Column("expected", "Expected", kind="money", order="expected", help="Worth × chance."),
        Column("expected_month", "Closes", kind="month", order="expected_month"),
        Column("why", "Why"),
    ]
    _made: DealForecast | None = None

    def made(self, request: HttpRequest) -> DealForecast | None:
        """The forecast, looked up once a request."""
        if self._made is None:
            rows = deal_forecasts_visible_to(person_of(request))
            pk = self.kwargs.get("pk")
            self._made = get_object_or_404(rows, pk=pk) if pk else newest_deal_forecast()
        return self._made

    def rows(self, request: HttpRequest) -> QuerySet[DealChance]:
        made = self.made(request)
        rows = chances_visible_to(person_of(request))
        return rows.filter(forecast=made) if made else rows.none()

    def row_url(self, row: DealChance) -> str:
        return deal_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        made, person = self.made(request), person_of(request)
        at_work = made if self.kwargs.get("pk") else open_deal_forecast()
        context: dict[str, Any] = {
            "made": made,
            "progress": progress_of_deals(at_work, person),
            "currency": company.value("base_currency"),
        }
        if made is None or made.state != RunState.DONE:
            return context
        months = revenue_of(person, made)
        return context | {
            "tone": TONES[RunState(made.state)],
            "figures": _figures(made, money_of(person, made), context["currency"]),
            "chart": revenue_chart(months, context["currency"]),
            "verdict": made.backtest["verdict"],
            "sections": [vars(part) for part in backtest_sections(made.backtest)],
        }


class DealForecastAdd(AddPage):
    """Ask for a deal forecast."""

    action = "forecast.run"
    heading = "Forecast from deals"
    pretitle = "Forecasts"
    submit_label = "Make this forecast"
    form_class = DealForecastForm
    done = "{row} is asked for."
    note = (
        "Every deal that was open on the day is judged by what was known then. The methods are first tested "
        "on earlier months; the one that wins is used unless you name another."
    )

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        known: dict[str, Any] = {"as_of": timezone.localdate() - dt.timedelta(days=1), "horizon": 3}
        return known | request.GET.dict()

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> DealForecast:
        made = start_deal_forecast(actor=person_of(request), **data)
        if made.state == RunState.DONE:
            messages.info(request, "No deal has changed since: this forecast is still right.")
        return made

    def done_url(self, request: HttpRequest, saved: DealForecast) -> str:
        return reverse("forecasting:deal-forecast-of", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("forecasting:deal-forecast")


def _figures(made: DealForecast, money: tuple[int, Any, Any], currency: str) -> list[dict[str, Any]]:
    deals, worth, expected = money
    figures = [
        {"label": "Open deals", "value": show(deals, "number")[0], "help": "That you may see"},
        {"label": "Worth if all are won", "value": short(worth), "unit": currency},
        {
            "label": "Expected",
            "value": short(expected),
            "unit": currency,
            "help": f"Within {made.horizon} months, by {made.get_method_display().lower()}",
        },
    ]
    tested = made.backtest["methods"].get(made.method)
    if tested is None:
        return figures
    error = tested["calibration_error"]
    return [
        *figures,
        {
            "label": "Calibration error",
            "value": show(error, "percent")[0],
            "help": "How far chances were from the share that was won, in back-tests",
            "tone": "good" if error <= 0.05 else "warn",
        },
    ]
