"""Whether the credits still follow from what they were made of."""

import hashlib

from django.db import connection

from catalog.selectors import base_currency
from compensation.models import CreditRun
from core import company

# Everything that credits are made of. Sums of row hashes: no order, no memory.
TABLES = (
    *("compensation_creditrule", "compensation_dealsplit", "compensation_cancellation"),
    *("compensation_position", "territories_assignment", "territories_placement", "territories_coveragerole"),
    *("territories_territorymodel", "crm_deal", "crm_dealline", "crm_dealstage", "crm_orderpaper"),
    *("crm_rep", "crm_teammembership", "crm_account", "catalog_product", "catalog_family", "catalog_market"),
    *("catalog_demandunit", "catalog_cost", "catalog_monthrate", "gathering_salesline"),
)
SUM = "SELECT '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {0} t"


def fingerprint() -> str:
    """SHA-256 over counts and sums of the hashes of all rows that credits are made of."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(SUM.format(table) for table in TABLES))
        sums = sorted(cursor.fetchall())
    told = [*sums, base_currency(), company.value("time_zone")]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def newest_credit_run() -> CreditRun | None:
    """The last making of credits."""
    return CreditRun.objects.order_by("-pk").first()


def credits_are_current() -> bool:
    """Whether nothing that credits are made of has changed since they were made last."""
    run = newest_credit_run()
    return run is not None and run.fingerprint == fingerprint()
