"""What 100,000 contracts cost, and what differs between two runs of 230,000 lines: p95 of pages and API.

A year of locked months pays for the contracts; what is left of each is kept when a month is locked, and that
is timed as well. Measured through Django's test client, as in benchmarks.pages.
"""

import datetime as dt
import time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.test import Client

from benchmarks.pages import p95
from catalog.engine.months import add_months
from catalog.models import Currency
from compensation.models import CreditRun, PayLine, PayPlan, PayRun, PlanVersion, Statement, StatementPart
from compensation.pipeline.contract_months import keep_contract_months
from compensation.selectors.contract_costs import roll_forwards
from core.models import Person
from core.roles import Role
from crm.models import Account, Deal, DealStage, Rep

CONTRACTS, LINES, REPS, MONTHS = 100_000, 230_000, 100, 12
EACH = Decimal(1000)
JANUARY = dt.date(2026, 1, 1)
WAY = ("preview", "calculated", "reviewed", "approved", "locked")
MOST_PAGE, MOST_DIFFERENCES = 150, 1000
CREDITS = """
    INSERT INTO compensation_credit (key, basis, kind, role, rep_id, deal_id, account_id, line, label, day,
        pipeline, percent, deal_amount, amount, quantity, currency, own_amount, rate, is_gone, run_id)
    SELECT 'bench:' || id, 'bookings', 'direct', 'owner', rep_id, id, account_id, 0, name, closed, 'new', 100,
        amount, amount, 1, 'EUR', amount, 1, FALSE, %(run)s
    FROM crm_deal"""
PAID = """
    INSERT INTO compensation_payline (statement_id, part_id, month, kind, credit_id, deal_id, objective, tier,
        amount, rate, pay, is_delta)
    SELECT s.id, p.id, %(month)s, 'earned', c.id, c.deal_id, '', 1, c.amount, 0.05,
        round(c.amount * 0.05, 2) + (c.id %% %(odd)s = 0)::int, FALSE
    FROM (SELECT * FROM compensation_credit ORDER BY id OFFSET %(first)s LIMIT %(count)s) c
    CROSS JOIN generate_series(1, %(times)s)
    JOIN compensation_statement s ON s.rep_id = c.rep_id AND s.run_id = %(run)s
    JOIN compensation_statementpart p ON p.statement_id = s.id"""


def run() -> dict[str, Any]:
    """Milliseconds of each page and API, and seconds of keeping a month when it is locked."""
    reps, version = _company()
    begun = time.perf_counter()
    for place in range(MONTHS):
        _paid(version, reps, add_months(JANUARY, place), place * CONTRACTS // MONTHS, CONTRACTS // MONTHS)
    filled = time.perf_counter() - begun
    begun = time.perf_counter()
    kept = keep_contract_months()
    keeping = (time.perf_counter() - begun) / kept
    _check()
    before, after = (
        _paid(version, reps, add_months(JANUARY, MONTHS), 0, CONTRACTS, odd=odd, times=LINES // CONTRACTS + 1)
        for odd in (10**9, 50)
    )
    client = _manager()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    figures = {name: p95(lambda path=path: client.get(path)) for name, path in PAGES.items()}
    path = f"/pay/runs/{after.pk}/changes/?against={before.pk}"
    differences = p95(lambda: client.get(path))
    return {
        "contracts": CONTRACTS,
        "filling_seconds": filled,
        "keeping_a_locked_month_seconds": keeping,
        "p95_ms": figures,
        "lines_compared": PayLine.objects.filter(statement__run__in=[before, after]).count(),
        "differences_p95_ms": differences,
        "passes": max(figures.values()) <= MOST_PAGE and differences <= MOST_DIFFERENCES,
    }


MONTHS_ASKED = "first=2026-01&last=2026-12"
PAGES = {
    "contract costs": f"/pay/costs/contracts/?{MONTHS_ASKED}",
    "contract costs with coming months": "/pay/costs/contracts/?first=2026-07&last=2028-06",
    "by deal": "/pay/costs/contracts/deals/?month=2026-12",
    "by deal, last page": "/pay/costs/contracts/deals/?month=2026-12&page=2000",
    "by deal, a coming month": "/pay/costs/contracts/deals/?month=2027-12",
    "cost of selling": f"/pay/costs/?{MONTHS_ASKED}",
    "api contract costs": "/api/v1/contract-costs/?first=2026-01-01&last=2026-12-01",
    "api by deal": "/api/v1/contract-costs/deals/?month=2026-12-01",
    "api cost of selling": "/api/v1/cost-of-selling/?first=2026-01-01&last=2026-12-01",
}


def _check() -> None:
    """What was paid is expensed or left, to the cent."""
    paid = PayLine.objects.filter(deal__isnull=False).aggregate(total=Sum("pay"))["total"]
    (euros,) = roll_forwards(None, JANUARY, MONTHS)
    spent = sum((row.movement.expense for row in euros.rows), Decimal(0))
    if spent + euros.rows[-1].closing != paid:
        raise AssertionError("Contract costs do not add up to what was paid.")


def _paid(
    version: PlanVersion,
    reps: list[Rep],
    month: dt.date,
    first: int,
    count: int,
    *,
    odd: int = 10**9,
    times: int = 1,
) -> PayRun:
    """A run of the month that pays so many of the credits; locked in the year, in preview after it."""
    number = PayRun.objects.filter(month=month).count() + 1
    made = PayRun.objects.create(month=month, version=number, state="calculating")
    sheets = Statement.objects.bulk_create(
        Statement(run=made, rep=rep, currency_id="EUR", earned=EACH, pay=EACH) for rep in reps
    )
    StatementPart.objects.bulk_create(
        StatementPart(statement=sheet, version=version, component="own", name="Own", earned=EACH)
        for sheet in sheets
    )
    values = {"month": month, "run": made.pk, "first": first, "count": count, "odd": odd, "times": times}
    with connection.cursor() as cursor:
        cursor.execute(PAID, values)
    for state in WAY if month < add_months(JANUARY, MONTHS) else WAY[:1]:
        PayRun.objects.filter(pk=made.pk).update(state=state)
    return made


@transaction.atomic
def _company() -> tuple[list[Rep], PlanVersion]:
    """Reps, a plan, won deals of the year and their credits."""
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    plan = PayPlan.objects.create(code="ae", name="Account executive")
    terms = {"plan": "Account executive", "components": [{"code": "own", "form": "flat", "rate": "5%"}]}
    version = PlanVersion.objects.create(
        plan=plan, starts=JANUARY, terms=terms, state="approved", days=DateRange(JANUARY, None)
    )
    reps = Rep.objects.bulk_create(Rep(code=f"p{n:04d}", name=f"Rep {n}") for n in range(REPS))
    stage = DealStage.objects.create(code="won", name="Won", position=9, kind="won", probability=1)
    accounts = Account.objects.bulk_create(Account(code=f"a{n}", name=f"Account {n}") for n in range(1000))
    Deal.objects.bulk_create(
        (_deal(n, reps[n % REPS], accounts[n % 1000], stage) for n in range(CONTRACTS)), batch_size=5000
    )
    made = CreditRun.objects.create(fingerprint="bench")
    with connection.cursor() as cursor:
        cursor.execute(CREDITS, {"run": made.pk})
        cursor.execute("ANALYZE")
    return reps, version


def _deal(number: int, rep: Rep, account: Account, stage: DealStage) -> Deal:
    amount = Decimal(1000 + number * 104729 % 9_000_000) / 100
    return Deal(
        source="bench",
        external_id=str(number),
        name=f"Deal {number}",
        account=account,
        rep=rep,
        stage=stage,
        amount=amount,
        base_amount=amount,
        currency_id="EUR",
        closed=add_months(JANUARY, number * MONTHS // CONTRACTS),
    )


def _manager() -> Client:
    person = Person.objects.create_user(
        "bench@example.com", "a long password", name="Bench", roles=[Role.MANAGER]
    )
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    return client
