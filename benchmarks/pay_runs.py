"""Pay from the database: a million credits of 1,000 people, four components, twelve months.

The yardstick is reading the same credits into a frame, in the same run. Then one month as a stored run, one
person as things stand, and the page of a statement.
"""

import datetime as dt
import resource
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from benchmarks.pages import p95
from benchmarks.pay_plan import four_components
from catalog.models import Currency
from compensation.engine.statements import rounded_lines
from compensation.models import (
    CreditRun,
    PayPlan,
    PayRole,
    PayRun,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
    Statement,
)
from compensation.pipeline.books import calculated, plan_book
from compensation.pipeline.run_sheets import month_pay, one_person
from compensation.pipeline.running import stored
from compensation.selectors.run_inputs import inputs_of
from core.models import Person
from core.roles import Role
from crm.models import Rep, Team, TeamMembership

CREDITS, PEOPLE, TEAMS = 1_000_000, 1_000, 50
JANUARY, DECEMBER = dt.date(2026, 1, 1), dt.date(2026, 12, 1)
MOST_TIMES, MOST_GIB, MOST_ALONE, MOST_PAGE = 6.0, 1.5, 300, 150
TERMS = four_components("pipeline")
SEED = """
    INSERT INTO compensation_credit (key, basis, kind, role, rep_id, line, label, day, pipeline, percent,
        deal_amount, amount, quantity, currency, own_amount, rate, is_gone, run_id)
    SELECT 'bench:' || n, 'bookings', 'direct', 'owner', %s + n %% %s, n, 'Deal ' || n,
        DATE '2026-01-01' + (n * 7919 %% 365)::int, (ARRAY['new', 'more', 'again'])[1 + (n %% 3)::int], 100,
        a, a, 1, 'EUR', a, 1, FALSE, %s
    FROM (SELECT n, (100 + (n * 104729 %% 49000000) / 10000.0)::numeric(18,4) AS a
          FROM generate_series(1::bigint, %s) n) made"""
READ = """
    SELECT id, rep_id, day, amount, pipeline FROM compensation_credit WHERE NOT is_gone ORDER BY id"""


def run() -> dict[str, Any]:
    """Seconds, their ratio to reading, memory, milliseconds of one person and of the page."""
    version = _company()
    reading = _seconds(lambda: _read())
    paying = _seconds(lambda: _pay_a_year(version))
    peak = _peak()
    month, pay_run = _month()
    peak_stored = _peak()
    rep = Rep.objects.order_by("pk")[0]
    one_person(rep, DECEMBER)
    alone = _seconds(lambda: one_person(rep, DECEMBER)) * 1000
    client = _manager()
    sheet = Statement.objects.filter(run=pay_run).order_by("pk")[0]
    page = p95(lambda: client.get(f"/pay/statements/{sheet.pk}/"))
    return {
        "credits": CREDITS,
        "reading_seconds": reading,
        "paying_a_year_seconds": paying,
        "times_reading": paying / reading,
        "month_stored_seconds": month,
        "lines_of_the_month": pay_run.lines_count,
        "peak_gib": peak,
        "peak_with_the_stored_month_gib": peak_stored,
        "one_person_ms": alone,
        "statement_page_p95_ms": page,
        "passes": paying / reading <= MOST_TIMES
        and peak <= MOST_GIB
        and alone <= MOST_ALONE
        and page <= MOST_PAGE,
    }


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak() -> float:
    """The most memory this process ever had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _read() -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(READ)
        found = pd.DataFrame(cursor.fetchall(), columns=["id", "rep", "day", "amount", "pipeline"])
    if len(found) != CREDITS:
        raise AssertionError("Not all credits were read.")
    return found


def _pay_a_year(version: PlanVersion) -> int:
    """From the tables to every line's cents."""
    return sum(len(rounded_lines(part.calculation)[0]) for part in calculated(plan_book(version, JANUARY)))


def _month() -> tuple[float, PayRun]:
    """The newest month's run: worked out, stored by COPY, checked in the database."""
    began = time.perf_counter()
    with transaction.atomic():
        inputs = inputs_of(DECEMBER)
        made = stored(month_pay(DECEMBER), inputs, actor=None, job=None)
    return time.perf_counter() - began, made


def _manager() -> Client:
    person = Person.objects.create_user(
        "bench@example.com", "a long password", name="Bench", roles=[Role.MANAGER]
    )
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    return client


@transaction.atomic
def _company() -> PlanVersion:
    """People in teams of twenty on one plan, each with a quota, and their credits."""
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    role = PayRole.objects.create(code="ae", name="Account executive")
    plan = PayPlan.objects.create(code="ae", name="Account executive")
    whole = DateRange(JANUARY, None)
    version = PlanVersion.objects.create(plan=plan, starts=JANUARY, terms=TERMS, state="approved", days=whole)
    PlanAssignment.objects.create(plan=plan, role=role, days=whole)
    reps = Rep.objects.bulk_create(Rep(code=f"p{n:04d}", name=f"Rep {n}") for n in range(PEOPLE))
    teams = Team.objects.bulk_create(Team(code=f"t{n:02d}", name=f"Team {n}") for n in range(TEAMS))
    TeamMembership.objects.bulk_create(
        TeamMembership(team=teams[n % TEAMS], rep=rep, days=whole) for n, rep in enumerate(reps)
    )
    Position.objects.bulk_create(Position(rep=rep, role=role, days=whole) for rep in reps)
    PlanQuota.objects.bulk_create(
        PlanQuota(plan=plan, rep=rep, first_month=JANUARY, amount=Decimal(2_400_000)) for rep in reps
    )
    made = CreditRun.objects.create(fingerprint="bench")
    with connection.cursor() as cursor:
        cursor.execute(SEED, [reps[0].pk, PEOPLE, made.pk, CREDITS])
        cursor.execute("ANALYZE")
    return version
