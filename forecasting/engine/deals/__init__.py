"""Deals → chance to win, month of closing, expected revenue, and how well each method did. Pure.

    from forecasting.engine.deals.forecast import forecast_deals

    told = forecast_deals(deals, as_of, DealSettings())

Read in this order: book (what is known of deals at a day), snapshots (the past as a table: a row per
deal and month), rates, hazard and blend with plain (the four methods), money, scores and backtest,
then forecast, which ties them together. Only blend and forecast load statsmodels.
"""

from forecasting.engine.deals.book import Book, Deal
from forecasting.engine.deals.settings import METHODS, DealSettings, Method

__all__ = ["METHODS", "Book", "Deal", "DealSettings", "Method"]
