"""What of a deal follows from its history and the month's rates: derived anew in four statements."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from catalog.selectors import base_currency
from core import company

MANY = 500  # deals; below, a wrong guess of the database's costs nothing
BELIEVED = "SELECT reltuples FROM pg_class WHERE oid = 'crm_dealchange'::regclass"

# The order of stamps as the engine has it: time, version, key by code point.
BEFORE = """
    UPDATE crm_dealchange AS step SET before = just.before
    FROM (
        SELECT id, coalesce(lag(after) OVER (
            PARTITION BY deal_id, field ORDER BY occurred, version, key COLLATE "C"), '') AS before
        FROM crm_dealchange WHERE deal_id = ANY(%s)
    ) AS just
    WHERE step.id = just.id AND step.before <> just.before
"""
STEPS = """
    UPDATE crm_deal AS deal SET entered_stage = steps.entered_stage, pushes = steps.pushes
    FROM (
        SELECT each.id,
               max(occurred) FILTER (WHERE field = 'stage' AND before <> after) AS entered_stage,
               count(*) FILTER (WHERE field = 'expected_close' AND before <> '' AND after > before) AS pushes
        FROM crm_deal AS each LEFT JOIN crm_dealchange AS step ON step.deal_id = each.id
        WHERE each.id = ANY(%s) GROUP BY each.id
    ) AS steps
    WHERE deal.id = steps.id
      AND (deal.entered_stage, deal.pushes) IS DISTINCT FROM (steps.entered_stage, steps.pushes)
"""
# A day that the CRM sent stays; else a deal was made with its first news, and ended with its last stage.
DAYS = """
    UPDATE crm_deal AS deal SET
        created = CASE WHEN coalesce(deal.written->'created'->>0, '') <> '' THEN deal.created
                       ELSE ((deal.written->>'(first)')::timestamptz AT TIME ZONE %(zone)s)::date END,
        closed = CASE WHEN stage.kind = 'open' OR stage.kind IS NULL THEN NULL
                      ELSE coalesce(deal.closed, (deal.entered_stage AT TIME ZONE %(zone)s)::date) END
    FROM crm_deal AS own LEFT JOIN crm_dealstage AS stage ON stage.id = own.stage_id
    WHERE deal.id = own.id AND deal.id = ANY(%(deals)s)
"""
# The rate of the month in which it closed, of the newest month for open ones; amounts without a
# currency are in base currency. Null where no rate is known yet.
BASE_AMOUNT = """
    UPDATE crm_deal AS deal SET base_amount = valued.amount
    FROM (
        SELECT each.id, round(each.amount * CASE WHEN coalesce(each.currency_id, %(base)s) = %(base)s
                                                 THEN 1 ELSE known.rate END, 4) AS amount
        FROM crm_deal AS each LEFT JOIN LATERAL (
            SELECT rate FROM catalog_monthrate
            WHERE currency_id = each.currency_id AND month <= coalesce(each.closed, %(today)s)
            ORDER BY month DESC LIMIT 1
        ) AS known ON TRUE
        WHERE {which}
    ) AS valued
    WHERE deal.id = valued.id AND deal.base_amount IS DISTINCT FROM valued.amount
"""


def refresh_derived(deals: Sequence[int]) -> None:
    """Steps, days and base amounts of these deals (primary keys), from what is stored of them."""
    ids = list(deals)
    with connection.cursor() as cursor:
        if len(ids) >= MANY:
            _count_anew(cursor, len(ids))
        cursor.execute(BEFORE, [ids])
        cursor.execute(STEPS, [ids])
        cursor.execute(DAYS, {"zone": company.value("time_zone"), "deals": ids})
        cursor.execute(BASE_AMOUNT.format(which="each.id = ANY(%(deals)s)"), _valuing() | {"deals": ids})


def _count_anew(cursor: Any, deals: int) -> None:
    """The first large import meets tables that PostgreSQL believes empty, since nobody counted them inside
    of its transaction: it would then read the whole history once for every deal."""
    cursor.execute(BELIEVED)
    if cursor.fetchone()[0] < deals:
        cursor.execute("ANALYZE crm_deal, crm_dealchange")


def refresh_base_amounts() -> int:
    """Every deal's amount at today's known rates; returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(BASE_AMOUNT.format(which="TRUE"), _valuing())
        return cursor.rowcount


def _valuing() -> dict[str, Any]:
    return {"base": base_currency(), "today": timezone.localdate()}
