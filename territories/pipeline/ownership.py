"""What other systems are told of who covers which account: written once when its day has come."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core import slots
from crm.models import OutsideRecord
from territories.models import OwnershipChange
from territories.selectors.ownership import about_batch

CHANGED = "ownership.changed"
A_BATCH = 200  # changes in one message
LOCK = "SELECT pg_advisory_xact_lock('territories_ownershipchange'::regclass::oid::bigint)"

# What was said last of each account and role.
TOLD = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT DISTINCT ON (account_id, role_id) account_id, role_id, day, new_rep_id
    FROM territories_ownershipchange ORDER BY account_id, role_id, id DESC"""

# Days after that, up to today, on which somebody else came. Each one's old rep is the one told before it.
COME = """
    CREATE TEMP TABLE come ON COMMIT DROP AS
    SELECT c.account_id, c.role_id, c.territory_id, c.day, c.new_rep_id, COALESCE(
            lag(c.new_rep_id) OVER line, CASE WHEN row_number() OVER line = 1 THEN told.new_rep_id END
        ) AS old_rep_id, FALSE AS corrected
    FROM territories_coveragechange c
    LEFT JOIN told ON told.account_id = c.account_id AND told.role_id = c.role_id
    WHERE c.day <= %(today)s AND (told.day IS NULL OR c.day > told.day)
    WINDOW line AS (PARTITION BY c.account_id, c.role_id ORDER BY c.day)"""
UNCHANGED = "DELETE FROM come WHERE old_rep_id IS NOT DISTINCT FROM new_rep_id"

# Days that are over were corrected: today's rep is not the one told last.
CORRECTED = """
    INSERT INTO come
    WITH last AS (
        SELECT DISTINCT ON (account_id, role_id) account_id, role_id, day, new_rep_id FROM (
            SELECT account_id, role_id, day, new_rep_id FROM told
            UNION ALL SELECT account_id, role_id, day, new_rep_id FROM come
        ) said ORDER BY account_id, role_id, day DESC, new_rep_id NULLS LAST
    ), now AS (
        SELECT account_id, role_id, territory_id, rep_id, lower(days) AS day
        FROM territories_assignment WHERE days @> %(today)s::date
    )
    SELECT COALESCE(now.account_id, last.account_id), COALESCE(now.role_id, last.role_id),
        now.territory_id, COALESCE(now.day, %(today)s), now.rep_id, last.new_rep_id, TRUE
    FROM last FULL JOIN now ON now.account_id = last.account_id AND now.role_id = last.role_id
    WHERE now.rep_id IS DISTINCT FROM last.new_rep_id"""

# Why: the placement that begins that day, else its territory got another rep.
WRITE = """
    INSERT INTO territories_ownershipchange
        (account_id, role_id, territory_id, day, old_rep_id, new_rep_id, cause, reason, batch, recorded)
    SELECT come.account_id, come.role_id, come.territory_id, come.day, come.old_rep_id, come.new_rep_id,
        CASE WHEN come.new_rep_id IS NULL THEN 'vacant' WHEN come.corrected THEN 'correction'
            ELSE COALESCE(placed.placed_by, 'rep') END,
        COALESCE(placed.reason, ''),
        (SELECT COALESCE(max(batch), 0) FROM territories_ownershipchange)
            + 1 + (row_number() OVER (ORDER BY come.day, come.account_id, come.role_id) - 1) / %(size)s,
        %(now)s
    FROM come
    LEFT JOIN LATERAL (
        SELECT p.placed_by, p.reason FROM territories_placement p
        JOIN territories_territorymodel model ON model.id = p.model_id AND model.days @> come.day
        WHERE p.account_id = come.account_id AND p.territory_id = come.territory_id
            AND lower(p.days * model.days) = come.day
        LIMIT 1
    ) placed ON TRUE
    ORDER BY come.day, come.account_id, come.role_id
    RETURNING batch"""


@transaction.atomic
def note_changes(today: dt.date | None = None) -> int:
    """Write down who covers what since the last time, up to today, and queue messages about it in the same
    transaction: whatever is written is sent, also after a kill. Says how many changes there were."""
    day = today or timezone.localdate()
    values: dict[str, Any] = {"today": day, "now": timezone.now(), "size": A_BATCH}
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        for sql in (TOLD, COME, UNCHANGED, CORRECTED, WRITE):
            cursor.execute(sql, values)
        written = [batch for (batch,) in cursor.fetchall()]
        cursor.execute("DROP TABLE told, come")
    for batch in sorted(set(written)):
        publish(batch)
    return len(written)


def publish(batch: int) -> None:
    """Queue the message of a batch for every system that is told of ownership."""
    rows = list(
        OwnershipChange.objects.filter(batch=batch).select_related("account", "role", "old_rep", "new_rep")
    )
    outside = external_ids({row.account_id for row in rows})
    payload = {
        "type": CHANGED,
        "timestamp": rows[0].recorded.isoformat(),
        "data": {
            "batch": batch,
            "changes": [as_told(row, outside) for row in rows],
            "url": f"{settings.PUBLIC_URL}/api/v1/ownership-changes/?after={rows[0].pk - 1}",
        },
    }
    for outgoing in slots.outgoing:
        outgoing.queue(CHANGED, about_batch(batch), payload)


def external_ids(accounts: set[int]) -> dict[int, list[str]]:
    """How CRMs call accounts: "source:id", by account."""
    found: dict[int, list[str]] = {}
    rows = OutsideRecord.objects.filter(account__in=accounts).order_by("source", "external_id")
    for account, source, name in rows.values_list("account_id", "source", "external_id"):
        found.setdefault(account, []).append(f"{source}:{name}")
    return found


def as_told(row: OwnershipChange, outside: dict[int, list[str]]) -> dict[str, Any]:
    """A change as other systems read it; codes, not keys of ours."""
    return {
        "change": row.pk,
        "account": row.account.code,
        "external_ids": outside.get(row.account_id, []),
        "role": row.role.code,
        "old_rep": row.old_rep.code if row.old_rep else None,
        "new_rep": row.new_rep.code if row.new_rep else None,
        "from_day": row.day.isoformat(),
        "cause": row.cause,
        "reason": row.reason,
    }
