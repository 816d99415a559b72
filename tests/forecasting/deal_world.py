"""Deals made up with a known truth, for the engine and for the tables."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np

from forecasting.engine.deals import Deal

FIRST = dt.date(2024, 1, 1)
LAST = dt.date(2025, 6, 30)
CHANCE = {"A": 0.8, "B": 0.3}  # of the two owners


def made_up(count: int = 900, seed: int = 7) -> list[Deal]:
    """Deals begun over seventeen months, closed after 10 to 120 days; owner A wins far more often than B."""
    random = np.random.default_rng(seed)
    deals = []
    for number in range(count):
        created = FIRST + dt.timedelta(days=int(random.integers(0, 510)))
        owner = "A" if random.random() < 0.5 else "B"
        closed = created + dt.timedelta(days=int(random.integers(10, 120)))
        is_won = bool(random.random() < CHANCE[owner])
        worth = 1000.0 if random.random() < 0.5 else 4000.0
        is_over = closed <= LAST
        deals.append(
            Deal(
                id=f"D{number:04d}",
                created=created,
                closed=closed if is_over else None,
                is_won=is_won and is_over,
                stages=((created, "Offer"),),
                amounts=((created, worth),),
                won_value=worth if is_won and is_over else None,
                product="P",
                owner=owner,
            )
        )
    return deals


def write_file(path: Path, deals: list[Deal]) -> Path:
    """The deals as an export: `close_value` as it is known at the close only."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "opportunity_id",
                "sales_agent",
                "product",
                "deal_stage",
                "engage_date",
                "close_date",
                "close_value",
            ]
        )
        for deal in deals:
            stage = "Engaging" if deal.closed is None else "Won" if deal.is_won else "Lost"
            value = "" if deal.closed is None else deal.won_value or 0
            writer.writerow(
                [deal.id, deal.owner, deal.product, stage, deal.created, deal.closed or "", value]
            )
    return path
