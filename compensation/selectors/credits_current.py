"""Whether the credits still follow from what they were made of."""

import hashlib

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from catalog.selectors import base_currency
from compensation.models import Basis, CreditRule, CreditRun, PlanVersion, VersionState
from core import company

# Everything that credits are made of. Sums of row hashes: no order, no memory.
TABLES = (
    *("compensation_creditrule", "compensation_dealsplit", "compensation_cancellation"),
    *("compensation_position", "territories_assignment", "territories_placement", "territories_coveragerole"),
    *("territories_territorymodel", "crm_deal", "crm_dealline", "crm_dealstage", "crm_orderpaper"),
    *("crm_rep", "crm_teammembership", "crm_account", "catalog_product", "catalog_family", "catalog_market"),
    *("catalog_demandunit", "catalog_cost", "catalog_monthrate"),
)
SUM = "SELECT '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {0} t"


def bases_credited() -> list[Basis]:
    """Which events are credited: sales lines only where a plan or a rule counts them. There are
    millions of them, and in many companies nobody is paid by them."""
    plans = PlanVersion.objects.exclude(state=VersionState.WITHDRAWN)
    asked = (
        plans.annotate(words=Cast("terms", TextField())).filter(words__contains='"sales"').exists()
        or CreditRule.objects.filter(is_active=True, bases__contains=[Basis.SALES]).exists()
    )
    return [basis for basis in Basis if asked or basis != Basis.SALES]


def fingerprint() -> str:
    """SHA-256 over counts and sums of the hashes of all rows that credits are made of."""
    bases = bases_credited()
    tables = [*TABLES, "gathering_salesline"] if Basis.SALES in bases else TABLES
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(SUM.format(table) for table in tables))
        sums = sorted(cursor.fetchall())
    told = [*sums, *bases, base_currency(), company.value("time_zone")]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def newest_credit_run() -> CreditRun | None:
    """The last making of credits."""
    return CreditRun.objects.order_by("-pk").first()


def credits_are_current() -> bool:
    """Whether nothing that credits are made of has changed since they were made last."""
    run = newest_credit_run()
    return run is not None and run.fingerprint == fingerprint()
