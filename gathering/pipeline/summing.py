"""Order lines → Sales. Lines that are all new are added to their months. An import that restates lines
sums every month anew that it touches, those that its lines leave included. Either way Sales equals the
sum over all lines.
"""

from django.db import connection

from catalog.selectors import rate_join
from gathering.models import ImportRun, Sales, SalesLine
from gathering.pipeline.targets import Target

TOUCHED = "gathering_touched"
LINES, SALES = SalesLine._meta.db_table, Sales._meta.db_table
CONFLICT = (
    "quantity",
    "revenue",
    "cost",
    "returned_quantity",
    "returned_revenue",
    "lines",
    "run_id",
)


def add_new_lines(run: ImportRun, before: int) -> None:
    """Add the lines with an id above `before` to their months."""
    query, params = _sums("", str(run.pk), where=f"WHERE l.id > {before}")
    updates = [f"{column} = t.{column} + EXCLUDED.{column}" for column in CONFLICT if column != "run_id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SALES} AS t (demand_unit_id, month, {', '.join(CONFLICT)}) {query} "
            f"ON CONFLICT (demand_unit_id, month) DO UPDATE SET {', '.join(updates)}, "
            "run_id = EXCLUDED.run_id",
            params,
        )


def remember_touched(target: Target) -> None:
    """Note each demand unit's months that the staged rows fall into, and those they leave."""
    queries = (
        f"SELECT DISTINCT du.id, date_trunc('month', s.day)::date FROM {target.tables} WHERE {target.good}",
        f"SELECT t.demand_unit_id, date_trunc('month', t.day)::date FROM {target.tables} "
        f"JOIN {LINES} t ON {target.matches} WHERE {target.good}",
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TOUCHED}")
        cursor.execute(
            f"CREATE TEMP TABLE {TOUCHED} (demand_unit_id, month) ON COMMIT DROP AS {' UNION '.join(queries)}"
        )
        cursor.execute(f"ANALYZE {TOUCHED}")


def sum_touched(run: ImportRun) -> None:
    """Sum the touched months anew; a month that lost all its lines to a restatement loses its sum."""
    with connection.cursor() as cursor:
        query, params = _sums(f"JOIN {TOUCHED} touched ON {_same_month('touched')}", str(run.pk))
        updates = ", ".join(f"{column} = EXCLUDED.{column}" for column in CONFLICT)
        cursor.execute(
            f"INSERT INTO {SALES} (demand_unit_id, month, {', '.join(CONFLICT)}) {query} "
            f"ON CONFLICT (demand_unit_id, month) DO UPDATE SET {updates}",
            params,
        )
        cursor.execute(
            f"DELETE FROM {SALES} t USING {TOUCHED} gone "
            "WHERE t.demand_unit_id = gone.demand_unit_id AND t.month = gone.month AND NOT EXISTS "
            f"(SELECT 1 FROM {LINES} l WHERE {_same_month('gone')})"
        )


def all_sums() -> tuple[str, tuple[str, ...]]:
    """The query that sums every line: what Sales must always equal."""
    return _sums("", "max(l.run_id)")


def _same_month(touched: str) -> str:
    return (
        f"l.demand_unit_id = {touched}.demand_unit_id AND date_trunc('month', l.day)::date = {touched}.month "
        f"AND l.day >= {touched}.month AND l.day < {touched}.month + interval '1 month'"
    )


def _sums(join: str, run: str, where: str = "") -> tuple[str, tuple[str, ...]]:
    rate = rate_join("l.currency", "l.day")
    sale, back = "FILTER (WHERE l.kind = 'sale')", "FILTER (WHERE l.kind = 'return')"
    query = f"""
        SELECT l.demand_unit_id, date_trunc('month', l.day)::date,
               coalesce(sum(l.quantity) {sale}, 0),
               coalesce(sum(l.revenue * worth.rate) {sale}, 0),
               coalesce(sum(l.cost * worth.rate) {sale}, 0),
               coalesce(sum(l.quantity) {back}, 0),
               coalesce(sum(l.revenue * worth.rate) {back}, 0),
               count(*), {run}
        FROM {LINES} l {join} {rate.join}
        CROSS JOIN LATERAL (SELECT {rate.value} AS rate) worth
        {where} GROUP BY 1, 2
    """
    return query, rate.params
