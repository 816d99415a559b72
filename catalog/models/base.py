"""What the tables of the catalog share: names, trees, days that do not overlap."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper

from core.models import Revised


def no_overlap(name: str, *fields: str, message: str) -> ExclusionConstraint:
    """At most one row a day for the same fields. Null fields count as equal (coalesced to 0)."""
    same: list[tuple[str | Combinable, str]] = [
        (Func(F(field), Value(0), function="COALESCE"), RangeOperators.EQUAL) for field in fields
    ]
    return ExclusionConstraint(
        name=name,
        expressions=[*same, (F("valid"), RangeOperators.OVERLAPS)],
        violation_error_message=f"{message} Choose days that do not overlap, or change that one.",
    )


def trigrams(table: str) -> list[models.Index]:
    """What makes `icontains` on code and name fast: Django compares in upper case."""
    return [
        GinIndex(OpClass(Upper(field), name="gin_trgm_ops"), name=f"{table}_{field}_trigrams")
        for field in ("code", "name")
    ]


# Plans that never change point at these rows, without a constraint where they are many.
NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)

NO_OWN_ANCESTOR = """
    IF NEW.{column} IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock('{table}'::regclass::oid::bigint);
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT id, {column} FROM {table} WHERE id = NEW.{column}
            UNION
            SELECT t.id, t.{column} FROM {table} t JOIN above ON t.id = above.{column}
        )
        SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION '% cannot lie below itself', NEW.code USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class TreeTrigger(pgtrigger.Trigger):
    """Refuses a parent that is the row itself or lies below it, also when two moves meet: they take
    the table's lock one after the other."""

    when = pgtrigger.Before

    def __init__(self, column: str = "parent_id") -> None:
        self.column = column
        operation = pgtrigger.Insert | pgtrigger.UpdateOf(column)
        super().__init__(name="no_own_ancestor", operation=operation)

    def get_func(self, model: Any) -> str:
        """The trigger's SQL: refuses a row that would be its own ancestor."""
        return NO_OWN_ANCESTOR.replace("{table}", model._meta.db_table).replace("{column}", self.column)


class Named(Revised):
    """Something with a code that files use and a name that people read."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})" if self.name != self.code else self.name
