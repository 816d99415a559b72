"""Who covers which account on which days: what placements and territory reps come to, written anew.

The statements build the wanted rows of some accounts in temporary tables, refuse what cannot be, and
write only the differences. Days are intersected by ranges of PostgreSQL, never day by day.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from core.errors import Reason, Refused

LOCK = "SELECT pg_advisory_xact_lock('territories_assignment'::regclass::oid::bigint)"

# The accounts of these territories and of all below them, of today, of any day, or as they were.
OF_TERRITORIES = """
    WITH RECURSIVE below (id) AS (
        SELECT unnest(%(territories)s::bigint[])
        UNION
        SELECT t.id FROM territories_territory t JOIN below ON t.parent_id = below.id
    )
    SELECT account_id FROM territories_placement WHERE territory_id IN (SELECT id FROM below)
    UNION
    SELECT account_id FROM territories_assignment WHERE territory_id IN (SELECT id FROM below)"""

# Placements of those accounts on days of models that are or were in force.
PLACED = """
    CREATE TEMP TABLE placed ON COMMIT DROP AS
    SELECT p.account_id, p.role_id, p.territory_id, p.days * model.days AS days
    FROM territories_placement p
    JOIN territories_territorymodel model ON model.id = p.model_id AND p.days && model.days
    WHERE %(everything)s OR p.account_id = ANY(%(accounts)s)"""

# On which days which rep has a manager's role over a territory: its own row, or that of the nearest
# territory above on that day.
MANAGED = """
    CREATE TEMP TABLE managed ON COMMIT DROP AS
    WITH RECURSIVE above (territory_id, over_id, depth) AS (
        SELECT DISTINCT territory_id, territory_id, 0 FROM placed
        UNION ALL
        SELECT above.territory_id, t.parent_id, depth + 1
        FROM above JOIN territories_territory t ON t.id = above.over_id WHERE t.parent_id IS NOT NULL
    ), offered AS (
        SELECT above.territory_id, above.depth, tr.role_id, tr.rep_id, tr.share, tr.days
        FROM above JOIN territories_territoryrep tr ON tr.territory_id = above.over_id
        JOIN territories_coveragerole role ON role.id = tr.role_id AND role.kind = 'manager'
    )
    SELECT o.territory_id, o.role_id, o.rep_id, o.share, unnest(
        datemultirange(o.days) - COALESCE((
            SELECT range_agg(nearer.days) FROM offered nearer
            WHERE nearer.territory_id = o.territory_id AND nearer.role_id = o.role_id
                AND nearer.depth < o.depth
        ), '{}'::datemultirange)) AS days
    FROM offered o"""

# Owner and overlay roles of the own territory, an overlay territory's own role, managers; adjacent
# equal days become one row.
SETTLED = """
    CREATE TEMP TABLE settled ON COMMIT DROP AS
    WITH pieces AS (
        SELECT placed.account_id, tr.role_id, tr.rep_id, placed.territory_id, tr.share,
            placed.days * tr.days AS days
        FROM placed JOIN territories_territoryrep tr
            ON tr.territory_id = placed.territory_id AND tr.days && placed.days
        JOIN territories_coveragerole role ON role.id = tr.role_id AND role.kind <> 'manager'
        WHERE placed.role_id IS NULL OR placed.role_id = tr.role_id
        UNION ALL
        SELECT placed.account_id, managed.role_id, managed.rep_id, placed.territory_id, managed.share,
            placed.days * managed.days
        FROM placed JOIN managed
            ON managed.territory_id = placed.territory_id AND managed.days && placed.days
        WHERE placed.role_id IS NULL
    )
    SELECT account_id, role_id, rep_id, territory_id, share, unnest(range_agg(days)) AS days
    FROM pieces GROUP BY account_id, role_id, rep_id, territory_id, share"""

# The same person twice on a day through one territory cannot be; two territories can.
TWICE = """
    SELECT account.name, role.name, least(one.name, other.name), greatest(one.name, other.name),
        lower(a.days * b.days)
    FROM settled a JOIN settled b ON a.account_id = b.account_id AND a.role_id = b.role_id
        AND a.days && b.days AND a.territory_id < b.territory_id
    JOIN crm_account account ON account.id = a.account_id
    JOIN territories_coveragerole role ON role.id = a.role_id
    JOIN territories_territory one ON one.id = a.territory_id
    JOIN territories_territory other ON other.id = b.territory_id
    ORDER BY 5, 1 LIMIT 1"""

EQUAL = """a.account_id = s.account_id AND a.role_id = s.role_id AND a.rep_id = s.rep_id
    AND a.territory_id = s.territory_id AND a.share = s.share AND a.days = s.days"""
DROP_OLD = f"""
    DELETE FROM territories_assignment a
    WHERE (%(everything)s OR a.account_id = ANY(%(accounts)s))
        AND NOT EXISTS (SELECT 1 FROM settled s WHERE {EQUAL})"""
ADD_NEW = f"""
    INSERT INTO territories_assignment (account_id, role_id, rep_id, territory_id, share, days)
    SELECT s.account_id, s.role_id, s.rep_id, s.territory_id, s.share, s.days FROM settled s
    WHERE NOT EXISTS (SELECT 1 FROM territories_assignment a WHERE {EQUAL})
    ORDER BY s.account_id, s.role_id, s.days"""
TABLES = ("placed", "managed", "settled")


@transaction.atomic
def settle(*, accounts: Collection[int] | None = None, territories: Collection[int] | None = None) -> int:
    """Make the assignments of these accounts and of all accounts of these territories anew, or of all
    accounts; says how many rows were written or taken away.

    Raises Refused where two territories give an account different reps in one role on a day.
    """
    everything = accounts is None and territories is None
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        concerned = set(accounts or ())
        if territories:
            cursor.execute(OF_TERRITORIES, {"territories": list(territories)})
            concerned |= {key for (key,) in cursor.fetchall()}
        if not everything and not concerned:
            return 0
        values: dict[str, Any] = {"everything": everything, "accounts": sorted(concerned)}
        for sql in (PLACED, "ANALYZE placed", MANAGED, "ANALYZE managed", SETTLED, "ANALYZE settled"):
            cursor.execute(sql, values)
        cursor.execute(TWICE)
        _refuse_twice(cursor.fetchone())
        cursor.execute(DROP_OLD, values)
        taken = cursor.rowcount
        cursor.execute(ADD_NEW)
        written = cursor.rowcount
        cursor.execute(f"DROP TABLE {', '.join(TABLES)}")
    return int(taken + written)


def _refuse_twice(found: tuple[object, ...] | None) -> None:
    if found:
        account, role, one, other, day = found
        text = (
            f"{account} would have two reps as {role} from {day:%d %b %Y} on: by {one} and by {other}. "
            "End the role in one of them first."
        )
        raise Refused(Reason(text, "two_reps"))
