"""The tables of forecasts."""

from forecasting.models.levels import ForecastNode, ForecastNodeValue
from forecasting.models.pins import ForecastPin, ForecastStudy, StudyKind
from forecasting.models.runs import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState

__all__ = [
    "ForecastChunk",
    "ForecastNode",
    "ForecastNodeValue",
    "ForecastPin",
    "ForecastRun",
    "ForecastSeries",
    "ForecastStudy",
    "ForecastValue",
    "RunState",
    "StudyKind",
]
