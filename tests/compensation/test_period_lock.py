"""The period lock in the database: calculated pay is neither changed, added to nor deleted, by anybody."""

import pytest
from django.db import DatabaseError, connection, transaction

from compensation.models import HeldPay, PayLine, PayRun, Statement, StatementPart
from compensation.workflow.adjustments import refuse_closed
from core.errors import Refused
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
)

pytestmark = pytest.mark.django_db
TABLES = (Statement, StatementPart, PayLine)


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("locks", [False, True])
def test_raw_sql_neither_changes_nor_adds_nor_deletes_rows_of_a_run(locks: bool) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, JANUARY)
    run = closed(JANUARY) if locks else calculated(JANUARY)
    for model in TABLES:
        name = model._meta.db_table
        columns = ", ".join(
            f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key
        )
        refused(f"UPDATE {name} SET id = id")
        refused(f"DELETE FROM {name}")
        if model is PayLine:
            refused(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name}")
    refused(f"UPDATE {PayRun._meta.db_table} SET totals = '{{}}' WHERE id = {run.pk}")
    refused(f"DELETE FROM {PayRun._meta.db_table}")
    assert PayLine.objects.get(statement__run=run).pay == 500
    assert not HeldPay.objects.exists()


def test_a_locked_run_does_not_become_open_again() -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, JANUARY)
    run = closed(JANUARY)
    for state in ("preview", "calculated", "approved", "discarded", "calculating"):
        refused(f"UPDATE {PayRun._meta.db_table} SET state = '{state}' WHERE id = {run.pk}")


def test_a_month_has_one_run_of_its_own() -> None:
    rep_on(plan_of(FLAT))
    first, second = calculated(JANUARY), calculated(JANUARY)
    PayRun.objects.filter(pk=first.pk).update(state="calculated")
    refused(f"UPDATE {PayRun._meta.db_table} SET state = 'calculated' WHERE id = {second.pk}")


def test_services_are_told_that_a_month_is_closed() -> None:
    rep_on(plan_of(FLAT))
    closed(JANUARY)
    with pytest.raises(Refused, match="January 2026 is locked: its pay never changes"):
        refuse_closed(JANUARY.replace(day=20))
    refuse_closed(FEBRUARY)
