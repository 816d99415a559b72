"""Forecasts of many series at once: arrays in, results out. No Django, no clock, no randomness.

    from forecasting.engine.forecast import forecast

    panel = Panel(ids=("a", "b"), values=matrix)        # (periods, series), newest period last
    result = forecast(panel, Settings(horizon=18))      # mean, intervals, methods, accuracy

Read in this order: panel (what goes in), cleaning and routing (what kind of series it is), baseline
with its methods (batch/, combination, plain), backtest, conformal and finish, then forecast, which
ties them together. Only forecast brings the numerical libraries along: who only asks for runs never
loads them.
"""

from forecasting.engine.panel import Panel
from forecasting.engine.results import Accuracy, Forecast
from forecasting.engine.settings import VERSION, Settings

__all__ = ["VERSION", "Accuracy", "Forecast", "Panel", "Settings"]
