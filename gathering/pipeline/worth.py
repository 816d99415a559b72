"""Money in another currency needs the month's rate: without it nothing is committed."""

from django.db import connection

from catalog.models import MonthRate
from catalog.selectors import base_currency
from gathering.models import ImportRun
from gathering.pipeline.names import source_of
from gathering.pipeline.staging import dataset_of

MOST_NAMED = 12


def missing_rates(run: ImportRun) -> list[str]:
    """One sentence per currency that has no rate in months of the file."""
    if dataset_of(run).target != "gathering.SalesLine":
        return []
    source = source_of(run)
    query = f"""
        SELECT code, array_agg(to_char(used.month, 'YYYY-MM') ORDER BY used.month)
        FROM (
            SELECT DISTINCT n_currency.target_code AS code, date_trunc('month', s.day)::date AS month
            FROM {source.tables} WHERE {source.good} AND n_currency.target_code <> %s
        ) used
        LEFT JOIN {MonthRate._meta.db_table} r ON r.currency_id = used.code AND r.month = used.month
        WHERE r.id IS NULL GROUP BY code ORDER BY code
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [base_currency()])
        return [_sentence(code, months) for code, months in cursor.fetchall()]


def _sentence(code: str, months: list[str]) -> str:
    shown = ", ".join(months[:MOST_NAMED]) + ("…" if len(months) > MOST_NAMED else "")
    return f"No rate is known for {code} in {shown}. Enter it under Catalog, Month rates; then commit."
