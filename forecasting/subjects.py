"""What of this room people can comment on, and its page about a demand unit."""

from django.urls import reverse

from core.slots import RowLink, row_links
from core.subjects import register
from forecasting.models import DealForecast, ForecastRun
from forecasting.selectors.deals import deal_forecasts_visible_to
from forecasting.selectors.runs import runs_visible_to

register(
    ForecastRun,
    label="forecast",
    action="forecast.view",
    visible_to=runs_visible_to,
    url=lambda row: reverse("forecasting:run", args=[row.pk]),
)
row_links.setdefault("catalog.demandunit", []).append(
    RowLink("Forecast", "forecast.view", lambda row: reverse("forecasting:newest-series", args=[row.pk]))
)
register(
    DealForecast,
    label="deal forecast",
    action="forecast.view",
    visible_to=deal_forecasts_visible_to,
    url=lambda row: reverse("forecasting:deal-forecast-of", args=[row.pk]),
)
