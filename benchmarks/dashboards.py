"""The five role dashboards at 10,000 demand units × (24 + 18) months: p95 server time, bar 150 ms.

Measured as benchmarks/pages.py does, for people who see everything, with an open cycle in demand
planning, a released one behind it, tasks, decisions and inputs. What a dashboard remembers between
two looks (the interval, the exceptions) is given apart, as its first look.
"""

import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.pages import _company, p95
from catalog.engine.months import months_from
from core.models import Person
from core.roles import Role
from forecasting.models import ForecastRun
from planning.models import (
    Cycle,
    Decision,
    DemandVersion,
    Release,
    RiskOrOpportunity,
    Scenario,
    SupplyRun,
    Task,
)
from planning.pipeline.consensus import recompute
from planning.services.cycles import open_cycle

BAR_MS = 150
HORIZON, HISTORY = 18, 24
ROLES = (Role.VP, Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.EXECUTIVE)
VALUES = """
    INSERT INTO forecasting_forecastvalue
        (run_id, demand_unit_id, month, mean, lower_80, upper_80, lower_95, upper_95)
    SELECT %s, d.id, m::date, q, q * 0.7, q * 1.3, q * 0.5, q * 1.5
    FROM catalog_demandunit d
    CROSS JOIN generate_series(%s::date, %s::date, interval '1 month') AS m
    CROSS JOIN LATERAL (SELECT 50 + (d.id * 7 + extract(month FROM m) * 13)::int %% 40 AS q) x"""
RELEASED = """
    INSERT INTO planning_releasedvalue
        (release_id, demand_unit_id, month, baseline, consensus, supplied, price, cost)
    SELECT %s, demand_unit_id, (month - interval '1 month')::date, mean, mean * 1.1, mean * 1.05, 100, 60
    FROM forecasting_forecastvalue WHERE run_id = %s"""
TOTALS = """
    INSERT INTO planning_releasedtotal (release_id, family_id, market_id, month, baseline, consensus,
        supplied, demand_revenue, revenue, cost)
    SELECT v.release_id, p.family_id, d.market_id, v.month, sum(v.baseline), sum(v.consensus),
        sum(v.supplied), sum(v.consensus * v.price), sum(v.supplied * v.price), sum(v.supplied * v.cost)
    FROM planning_releasedvalue v JOIN catalog_demandunit d ON d.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    WHERE v.release_id = %s GROUP BY 1, 2, 3, 4"""
BUDGET = """
    INSERT INTO gathering_budget (name, family_id, market_id, month, quantity, revenue, cost, run_id)
    SELECT 'Budget', f.id, m.id, t::date, 2500, 250000, 150000, (SELECT min(id) FROM gathering_importrun)
    FROM catalog_family f CROSS JOIN catalog_market m
    CROSS JOIN generate_series(%s::date, %s::date, interval '1 month') AS t"""


def run() -> dict[str, Any]:
    """p95 of each role's home page, and its first look with nothing remembered."""
    people = _planned_company()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    first, later = {}, {}
    for role, person in people.items():
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.get("/account/profile/")
        cache.clear()
        began = time.perf_counter()
        client.get("/")
        first[role.value] = round((time.perf_counter() - began) * 1000, 1)
        later[role.value] = round(p95(lambda client=client: client.get("/")), 1)
    slowest = max(later.values())
    return {
        "demand_units": 10_000,
        "months": HISTORY + HORIZON,
        "p95_ms": later,
        "first_look_ms": first,
        "slowest_p95_ms": slowest,
        "passes": slowest <= BAR_MS,
    }


def _planned_company() -> dict[Role, Person]:
    """Facts, a released cycle and an open one."""
    _company()
    people = {
        role: Person.objects.create_user(f"{role}@example.com", "a long password", name=role, roles=[role])
        for role in ROLES
    }
    manager = people[Role.MANAGER]
    month = timezone.localdate().replace(day=1)
    last = open_cycle(actor=manager, month=months_from(month, -1)[0], horizon=HORIZON)
    cycle = open_cycle(actor=manager, month=month, horizon=HORIZON)
    _forecast(cycle)
    _release(last, cycle.forecast_run_id or 0, manager)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM gathering_sales WHERE month < %s", [months_from(month, -HISTORY)[0]])
        cursor.execute(BUDGET, [month, months_from(month, HORIZON)[-1]])
    Cycle.objects.filter(pk=cycle.pk).update(stage="demand")
    recompute(cycle)
    _around(cycle, people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people


def _forecast(cycle: Cycle) -> None:
    last = months_from(cycle.month, -1)[0]
    run = ForecastRun.objects.create(
        last_month=last, horizon=HORIZON, engine_version="bench", input_hash="b" * 64
    )
    with connection.cursor() as cursor:
        cursor.execute(VALUES, [run.pk, cycle.month, months_from(cycle.month, HORIZON)[-1]])
    for state in ("running", "done"):
        ForecastRun.objects.filter(pk=run.pk).update(state=state)
    Cycle.objects.filter(pk=cycle.pk).update(forecast_run=run)
    cycle.refresh_from_db()


def _release(cycle: Cycle, forecast: int, person: Person) -> None:
    version = DemandVersion.objects.create(
        cycle=cycle, number=1, fingerprint="b" * 64, made_from={}, units=0, revenue=0, frozen_by=person
    )
    run = SupplyRun.objects.create(
        cycle=cycle, version=version, scenario=Scenario.objects.get(cycle=cycle), input_hash="b" * 64,
        engine_version="bench", summary={"gaps": []},
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RELEASED, [1, forecast])
        cursor.execute(TOTALS, [1])
    Release.objects.create(pk=1, cycle=cycle, run=run, content_hash="b" * 64, content=b"", released_by=person)
    for stage in ("demand", "supply", "reconciliation", "release", "released"):
        Cycle.objects.filter(pk=cycle.pk).update(stage=stage)


def _around(cycle: Cycle, people: dict[Role, Person]) -> None:
    """Fifty tasks, decisions and risks."""
    owners = list(people.values())
    due = timezone.localdate() + dt.timedelta(days=3)
    for number in range(50):
        owner = owners[number % len(owners)]
        Task.objects.create(cycle=cycle, stage="demand", title=f"Task {number}", owner=owner, due=due)
        Decision.objects.create(cycle=cycle, title=f"Question {number}", money=1000 * number, owner=owner)
        RiskOrOpportunity.objects.create(
            cycle=cycle, leaning="risk", title=f"Risk {number}", money=500, probability="0.5", owner=owner
        )
