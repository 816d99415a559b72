"""A company of so many demand units with years of sales, made in the database of the process that calls.

python -m benchmarks.forecast_company UNITS MONTHS
"""

import csv
import datetime as dt
import io

import numpy as np
from django.db import connection, transaction

from catalog.engine.months import months_from
from catalog.models import DemandUnit, Family, Market, Product, Unit
from gathering.models import ImportRun, ImportState

FIRST = dt.date(2020, 1, 1)
MARKETS, FAMILIES = 10, 40
SEED = 20_260
COLUMNS = "demand_unit_id, month, quantity, revenue, cost, returned_quantity, returned_revenue, lines, run_id"


def make(units: int, months: int) -> dt.date:
    """Families, markets, products and units; levels, trends, seasons and noise of every kind, a tenth with
    many zeros. Returns the last month."""

    with transaction.atomic():
        piece, _ = Unit.objects.get_or_create(code="PC", defaults={"name": "Piece"})
        families = [Family.objects.create(code=f"F{n}", name=f"Family {n}") for n in range(FAMILIES)]
        markets = [Market.objects.create(code=f"M{n}", name=f"Market {n}") for n in range(MARKETS)]
        products = Product.objects.bulk_create(
            Product(code=f"P{n}", name=f"Product {n}", family=families[n % FAMILIES], unit=piece)
            for n in range(-(-units // MARKETS))
        )
        pairs = [(product, market) for product in products for market in markets][:units]
        made = DemandUnit.objects.bulk_create(DemandUnit(product=p, market=m) for p, m in pairs)
        run = ImportRun.objects.create(dataset="sales", source="bench", state=ImportState.COMMITTED)
        days = months_from(FIRST, months)
        text = io.StringIO()
        writer = csv.writer(text)
        for unit, sold in zip(made, _sold(units, months), strict=True):
            for day, quantity in zip(days, sold, strict=True):
                if quantity:
                    money = f"{quantity * 40:.2f}"
                    writer.writerow([unit.pk, day, quantity, money, f"{quantity * 25:.2f}", 0, 0, 1, run.pk])
        text.seek(0)
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY gathering_sales ({COLUMNS}) FROM STDIN (FORMAT csv)", text)
            cursor.execute("ANALYZE gathering_sales, catalog_demandunit")
    return days[-1]


def _sold(units: int, months: int) -> np.ndarray:
    """(units, months) of whole quantities."""
    random = np.random.default_rng(SEED)
    month = np.arange(months)
    level = np.exp(random.normal(5, 1, (units, 1)))
    growth = 1 + random.normal(0.002, 0.006, (units, 1)) * month
    season = 1 + random.uniform(0, 0.5, (units, 1)) * np.sin(
        2 * np.pi * (month + random.integers(0, 12, (units, 1))) / 12
    )
    noise = np.exp(random.normal(0, 0.15, (units, months)))
    rare = (np.arange(units) % 10 == 0)[:, None] & (random.uniform(size=(units, months)) < 0.6)
    return np.round(np.where(rare, 0, np.maximum(level * growth * season * noise, 0)))
