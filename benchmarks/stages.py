"""Pages of stages 3 to 5, of releases and of monitoring at 10,000 demand units: p95 server time.

The bar of 100 ms is that of the pages with 100 rows; the others are measured beside them.

    python -m benchmarks stages

The open cycle of benchmarks/dashboards.py goes on by the services: consensus frozen, two scenarios
solved, one chosen. Bought products of one warehouse: what is measured are the pages.
"""

import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.test import Client
from psycopg2.extras import DateRange

from benchmarks.dashboards import _planned_company
from benchmarks.pages import _p95
from catalog.models import Cost, Price, Product, Site
from core.models import Person
from core.roles import Role
from planning.models import Cycle, Release, Scenario, StageName
from planning.pipeline.consensus import recompute
from planning.services.consensus import freeze_demand
from planning.services.scenarios import add_scenario, choose_scenario
from planning.services.supply import solve_now

BAR_MS = 100
GRIDS = ("supply grid", "released plan", "decisions")
SINCE = DateRange(dt.date(2000, 1, 1), None)


def run() -> dict[str, Any]:
    """p95 of each page, and how long the two solves took."""
    manager = _planned_company()[Role.MANAGER]
    cycle = Cycle.objects.get(stage=StageName.DEMAND)
    _price_products()
    solves = _to_reconciliation(cycle, manager)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client()
    client.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
    figures = {name: _p95(lambda path=path: client.get(path)) for name, path in _pages(cycle).items()}
    slowest = max(figures[name] for name in GRIDS)
    return {
        "demand_units": 10_000,
        "two_solves_s": round(solves, 1),
        "p95_ms": {name: round(value, 1) for name, value in figures.items()},
        "slowest_grid_p95_ms": round(slowest, 1),
        "passes": slowest <= BAR_MS,
    }


def _price_products() -> None:
    Site.objects.create(code="DC", name="Warehouse", kind="warehouse")
    products = list(Product.objects.all())
    Price.objects.bulk_create(Price(product=p, currency_id="EUR", amount=100, valid=SINCE) for p in products)
    Cost.objects.bulk_create(Cost(product=p, currency_id="EUR", amount=60, valid=SINCE) for p in products)


def _to_reconciliation(cycle: Cycle, manager: Person) -> float:
    recompute(cycle)
    freeze_demand(actor=manager, cycle=cycle)
    Cycle.objects.filter(pk=cycle.pk).update(stage=StageName.SUPPLY)
    cycle.refresh_from_db()
    base = Scenario.objects.get(cycle=cycle, is_base=True)
    less = add_scenario(actor=manager, cycle=cycle, name="Less", changes=[{"kind": "demand", "percent": -10}])
    began = time.perf_counter()
    for scenario in (base, less):
        solve_now(actor=manager, scenario=scenario)
    seconds = time.perf_counter() - began
    choose_scenario(actor=manager, scenario=base, reason="It is the base.")
    Cycle.objects.filter(pk=cycle.pk).update(stage=StageName.RECONCILIATION)
    return seconds


def _pages(cycle: Cycle) -> dict[str, str]:
    here, release = f"/cycles/{cycle.pk}", Release.objects.get().pk
    return {
        "cycle": f"{here}/",
        "supply": f"{here}/supply/",
        "supply grid": f"{here}/supply/grid/",
        "scenarios": f"{here}/scenarios/",
        "reconciliation": f"{here}/reconciliation/",
        "released plan": f"/releases/{release}/",
        "monitoring": "/monitoring/",
        "decisions": "/decisions/",
        "calendar": "/calendar/",
    }
