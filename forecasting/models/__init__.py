"""The tables of forecasts."""

from forecasting.models.deals import DealChance, DealForecast, DealMethod, WorthBasis
from forecasting.models.launches import (
    CleanedMonth,
    Launch,
    LaunchLike,
    MaskedPeriod,
    MonthMark,
    MonthSaid,
    Succession,
)
from forecasting.models.levels import ForecastNode, ForecastNodeValue
from forecasting.models.pins import ForecastPin, ForecastStudy, StudyKind
from forecasting.models.runs import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState

__all__ = [
    "CleanedMonth",
    "DealChance",
    "DealForecast",
    "DealMethod",
    "ForecastChunk",
    "ForecastNode",
    "ForecastNodeValue",
    "ForecastPin",
    "ForecastRun",
    "ForecastSeries",
    "ForecastStudy",
    "ForecastValue",
    "Launch",
    "LaunchLike",
    "MaskedPeriod",
    "MonthMark",
    "MonthSaid",
    "RunState",
    "StudyKind",
    "Succession",
    "WorthBasis",
]
