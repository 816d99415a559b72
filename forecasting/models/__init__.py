"""The tables of forecasts."""

from forecasting.models.runs import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState

__all__ = ["ForecastChunk", "ForecastRun", "ForecastSeries", "ForecastValue", "RunState"]
