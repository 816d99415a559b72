"""Lists and details at 10,000 demand units × 60 months: p95 server time, bar 100 ms.

Measured through Django's test client, middleware, templates and database included, after one warm
request of each page. The rows are generated in the database.
"""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import Currency, DemandUnit, Family, Market, Product, Unit
from core.models import Person
from core.roles import Role
from gathering.models import ImportRun
from gathering.pipeline.quality import check_facts, store_findings

BAR_MS = 100
REPEATS = 20
PRODUCTS, MARKETS, MONTHS = 500, 20, 60

SALES = """
    INSERT INTO gathering_sales (demand_unit_id, month, quantity, revenue, cost, returned_quantity,
        returned_revenue, lines, run_id)
    SELECT d.id, (date_trunc('month', now()) - m * interval '1 month')::date, q, q * 100, q * 60, 0, 0, 3, %s
    FROM catalog_demandunit d CROSS JOIN generate_series(1, %s) AS m
    CROSS JOIN LATERAL (SELECT 50 + (d.id * 7 + m * 13) %% 40 AS q) x"""


def run() -> dict[str, Any]:
    """p95 of every list and detail, and the slowest of them."""
    person = _company()
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    began = time.perf_counter()
    store_findings(found=check_facts(), actor=None)
    check = time.perf_counter() - began
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    figures = {name: p95(lambda path=path: client.get(path)) for name, path in _pages().items()}
    slowest = max(figures.values())
    return {
        "demand_units": PRODUCTS * MARKETS,
        "months": MONTHS,
        "p95_ms": {name: round(value, 1) for name, value in figures.items()},
        "slowestp95_ms": round(slowest, 1),
        "all_quality_rules_s": round(check, 1),
        "passes": slowest <= BAR_MS,
    }


def _pages() -> dict[str, str]:
    unit = DemandUnit.objects.select_related("product").order_by("pk")[PRODUCTS]
    return {
        "home": "/",
        "sales list": "/data/sales/",
        "sales list, one family": "/data/sales/?family=F3",
        "sales list, sorted by revenue": "/data/sales/?sort=-revenue",
        "history of a demand unit": f"/data/history/{unit.pk}/",
        "findings": "/data/quality/",
        "data sources": "/data/sources/",
        "products": "/catalog/products/",
        "product": f"/catalog/products/{unit.product_id}/",
        "demand units": "/catalog/demand-units/",
        "search": "/search/?q=product+12",
        "api sales": "/api/v1/sales/?page_size=100",
    }


def _company() -> Person:
    person = Person.objects.create_user(
        "bench@example.com", "a long password", name="Bench", roles=[Role.ANALYST]
    )
    unit = Unit.objects.create(code="PC", name="Piece")
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    families = Family.objects.bulk_create(Family(code=f"F{n}", name=f"Family {n}") for n in range(12))
    markets = Market.objects.bulk_create(Market(code=f"M{n}", name=f"Market {n}") for n in range(MARKETS))
    products = Product.objects.bulk_create(
        Product(code=f"P{n:05d}", name=f"Product {n}", family=families[n % 12], unit=unit)
        for n in range(PRODUCTS)
    )
    DemandUnit.objects.bulk_create(
        (DemandUnit(product=p, market=m) for p in products for m in markets), batch_size=2000
    )
    _sales(person)
    return person


def _sales(person: Person) -> None:
    run = ImportRun.objects.create(
        dataset="sales",
        file_name="generated.csv",
        fingerprint="bench",
        state="committed",
        committed=timezone.now(),
        committed_by=person,
    )
    with connection.cursor() as cursor:
        cursor.execute(SALES, [run.pk, MONTHS])
        cursor.execute("ANALYZE")


def p95(get: Callable[[], Any]) -> float:
    """As in sopcycle.wsgi, what is loaded is out of the garbage collector's way."""
    get()
    gc.collect()
    gc.freeze()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = get()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
    return statistics.quantiles(times, n=20)[-1]
