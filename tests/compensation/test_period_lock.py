"""The period lock in the database: calculated pay is neither changed, added to nor deleted, by anybody."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from compensation.models import CreditHold, HeldPay, PayLine, PayRun, Statement, StatementPart
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
# A row beside the one that stands there, which nothing but the lock refuses.
BESIDE: dict[type[Model], dict[str, str]] = {
    Statement: {"rep_id": "(SELECT id FROM crm_rep WHERE code = 'bob')"},
    StatementPart: {"component": "'another'"},
    PayLine: {},
    HeldPay: {},
}


def refused(sql: str, sentence: str | None = None) -> None:
    with pytest.raises(DatabaseError, match=sentence), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def copied(model: type[Model], values: dict[str, str]) -> str:
    """The SQL that adds a row like the one of the table, with other values in some columns."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    into = ", ".join(f'"{column}"' for column in columns)
    chosen = ", ".join(values.get(column, f'"{column}"') for column in columns)
    return f"INSERT INTO {model._meta.db_table} ({into}) SELECT {chosen} FROM {model._meta.db_table}"


@pytest.mark.parametrize("locks", [False, True])
@pytest.mark.parametrize("model", list(BESIDE))
def test_raw_sql_neither_changes_nor_adds_nor_deletes_rows_of_a_run(model: type[Model], locks: bool) -> None:
    ann = rep_on(plan_of(FLAT))
    rep_on(None, "bob")
    CreditHold.objects.create(deal=deal(ann, 10_000, JANUARY), since=JANUARY, percent=10, reason="Unpaid")
    run = closed(JANUARY) if locks else calculated(JANUARY)
    name = model._meta.db_table
    refused(f"UPDATE {name} SET id = id", "Cannot update or delete rows")
    refused(f"DELETE FROM {name}", "Cannot update or delete rows")
    refused(copied(model, BESIDE[model]), "Calculated pay never changes")
    assert PayLine.objects.get(statement__run=run).pay == 500
    assert HeldPay.objects.get(statement__run=run).amount == 50


def test_a_run_itself_is_neither_rewritten_nor_deleted() -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, JANUARY)
    run = calculated(JANUARY)
    name = PayRun._meta.db_table
    refused(f"UPDATE {name} SET totals = '{{}}' WHERE id = {run.pk}", "A calculated run never changes")
    refused(f"DELETE FROM {name}", "Cannot delete rows")


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
