"""Prices, costs and bills: rows that hold from one day to another."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from catalog.models import BillOfMaterials, CapacityUse, Cost, Price
from catalog.services.masters import EDIT, refuse_out_of_scope
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person

Dated = TypeVar("Dated", Price, Cost, CapacityUse, BillOfMaterials)
KEYS: dict[type, tuple[str, ...]] = {
    Price: ("product", "market"),
    Cost: ("product", "site"),
    CapacityUse: ("product", "resource"),
    BillOfMaterials: ("product", "component"),
}
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """From the first day up to and with the last one; without a last day it stays open."""

    first: dt.date | None
    last: dt.date | None = None

    @classmethod
    def of(cls, valid: Any) -> "Term":
        """The term of a stored range, whose end is the day after."""
        return cls(valid.lower, valid.upper - DAY if valid.upper else None)

    def range(self) -> DateRange:
        """From the first day up to and with the last. Raises Invalid when the last lies before the first."""
        if self.first and self.last and self.last < self.first:
            raise Invalid(
                Reason("The last day lies before the first. Change one of them.", "term", "valid_to")
            )
        return DateRange(self.first, self.last + DAY if self.last else None)


@transaction.atomic
def set_from_day(
    *, actor: Person | None, model: type[Dated], values: dict[str, Any], term: Term, reason: str = ""
) -> Dated:
    """Let a price, cost or bill line hold from a day on, and end the open one before it.

    Raises Invalid where another one holds already, and where a day has passed and no reason is given.
    """
    require(actor, EDIT)
    valid = term.range()
    _ask_reason(term.first, reason)
    name = str(model._meta.verbose_name)
    open_before = _open_before(model, values, term)
    if open_before:
        change_row(
            actor=actor,
            row=open_before,
            revision=open_before.revision,
            changes={"valid": DateRange(open_before.valid.lower, term.first)},
            verb=f"{name} ended",
            reason=reason,
        )
    row = create_row(actor=actor, row=model(**values, valid=valid), verb=f"{name} added", reason=reason)
    refuse_out_of_scope(actor, row)
    return row


@transaction.atomic
def change_dated(
    *,
    actor: Person | None,
    row: Dated,
    revision: int,
    changes: dict[str, Any],
    term: Term | None = None,
    reason: str = "",
) -> Dated:
    """Correct a price, cost or bill line, or end it. What has passed changes only with a reason."""
    require(actor, EDIT)
    changes = changes | ({"valid": term.range()} if term else {})
    _refuse_moved(row, changes)
    _ask_reason(_first_changed_day(row, changes), reason)
    verb = f"{row._meta.verbose_name} changed"
    saved = change_row(actor=actor, row=row, revision=revision, changes=changes, verb=verb, reason=reason)
    refuse_out_of_scope(actor, saved)
    return saved


def _open_before(model: type[Dated], values: dict[str, Any], term: Term) -> Dated | None:
    key = {name: values.get(name) for name in KEYS[model]}
    rows = model._default_manager.select_for_update(of=("self",)).filter(**key)
    found = rows.filter(valid__contains=term.first, valid__upper_inf=True).first()
    if found and found.valid.lower == term.first:
        text = f"One that begins on {term.first} is there already. Change that one, or choose another day."
        raise Invalid(Reason(text, "same_day", "valid_from"))
    return found


def _refuse_moved(row: Dated, changes: dict[str, Any]) -> None:
    moved = [name for name in KEYS[type(row)] if name in changes and changes[name] != getattr(row, name)]
    if moved:
        raise Invalid(
            *[Reason("This cannot move to another one. Add a new one there.", "fixed", n) for n in moved]
        )


def _first_changed_day(row: Dated, changes: dict[str, Any]) -> dt.date | None:
    """The earliest day whose value would differ; None where nothing differs or all time does."""
    valid = changes.get("valid", row.valid)
    others = any(changes[name] != getattr(row, name) for name in changes if name != "valid")
    if others or valid.lower != row.valid.lower:
        return min((day for day in (valid.lower, row.valid.lower) if day), default=dt.date.min)
    if valid.upper != row.valid.upper:
        return min(day for day in (valid.upper, row.valid.upper) if day)
    return None


def _ask_reason(day: dt.date | None, reason: str) -> None:
    if day and day < timezone.localdate() and not reason.strip():
        text = f"This changes days that have passed ({day} on). Say why."
        raise Invalid(Reason(text, "reason_needed", "reason"))
