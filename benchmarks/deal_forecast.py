"""The forecast from deals on a public CRM's 8,800 deals: its back-test, and how long the whole takes.

    python -m benchmarks deal_forecast

At each month end the methods know only what was known then; a deal counts as won when it is won within
the three months after. The file is not part of the project: SOPCYCLE_SHARED names the folder it lies in.
"""

import datetime as dt
import os
import time
from pathlib import Path
from typing import Any

from forecasting.engine.deals import DealSettings
from forecasting.engine.deals.backtest import Backtest, backtest
from forecasting.engine.deals.book import Book
from forecasting.engine.deals.forecast import forecast_deals
from forecasting.pipeline.deal_file import DealProfile, read_deals

PROJECT = Path(__file__).resolve().parent.parent
FILE = Path(os.environ.get("SOPCYCLE_SHARED") or PROJECT.parent / "shared") / "data/crm/sales_pipeline.csv"
AS_OF = dt.date(2017, 12, 31)
CALIBRATION = 0.05
RULES = ("stage", "age")
OTHER_HORIZONS = (1, 4)  # told beside the bar, not part of it


def run() -> dict[str, Any]:
    """Every method's figures; passes where the winner is better than both rules and calibrated."""
    if not FILE.exists():
        return {"skipped": f"{FILE} is not there"}
    deals, _ = read_deals(FILE, DealProfile())
    begun = time.process_time()
    told = forecast_deals(deals, AS_OF, DealSettings())
    seconds = time.process_time() - begun
    book = Book.of(deals).at(AS_OF.toordinal())
    others = {
        f"horizon {months}": _figures(backtest(book, AS_OF, DealSettings(horizon=months)))
        for months in OTHER_HORIZONS
    }
    return {
        "deals": len(deals),
        "open": len(told.deals),
        "cpu_seconds": round(seconds, 2),
        "default": told.method.value,
        "methods": _figures(told.backtest),
        **others,
        "passes": _passes(told.backtest),
    }


def _figures(tested: Backtest) -> dict[str, Any]:
    return {
        name.value: {
            "brier": round(found.brier, 4),
            "log_loss": round(found.log_loss, 4),
            "calibration_error": round(found.calibration, 4),
            "money_bias": round(found.money_bias or 0.0, 3),
        }
        for name, found in tested.scores.items()
    }


def _passes(tested: Backtest) -> bool:
    if tested.winner is None:
        return False
    best, rules = (
        tested.scores[tested.winner],
        [tested.scores[name] for name in tested.scores if name in RULES],
    )
    better = all(
        best.brier < rule.brier and abs(best.money_bias or 0) < abs(rule.money_bias or 0) for rule in rules
    )
    return better and best.calibration <= CALIBRATION
