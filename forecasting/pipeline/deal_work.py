"""What makes two deal forecasts the same work. Light: loads none of the engine's numerical libraries."""

import datetime as dt
import hashlib
import json
from dataclasses import asdict

from forecasting.engine.deals import Deal, DealSettings
from forecasting.engine.deals.settings import DEALS_VERSION


def deals_hash(deals: list[Deal], as_of: dt.date, horizon: int, wanted: str) -> str:
    """The fingerprint of the work: the deals, the day, the settings and the engine."""
    told = [repr(deal) for deal in sorted(deals, key=lambda deal: deal.id)]
    settings = json.dumps(asdict(DealSettings(horizon=horizon)), sort_keys=True)
    lines = [f"{as_of}|{horizon}|{wanted}|{DEALS_VERSION}|{settings}", *told]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
