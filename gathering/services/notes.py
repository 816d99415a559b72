"""Writing campaigns and market notes, with the markets and families they are about."""

from typing import Any, TypeVar

from django.db import transaction
from psycopg2.extras import DateRange

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from gathering.models import Campaign, MarketNote

Note = TypeVar("Note", Campaign, MarketNote)
ABOUT = ("markets", "families")


@transaction.atomic
def create_campaign(*, actor: Person, **fields: Any) -> Campaign:
    """Write a campaign. Raises Invalid for a period that ends before it begins."""
    return _create(actor, Campaign, "campaign added", fields)


@transaction.atomic
def change_campaign(*, actor: Person, campaign: Campaign, revision: int, changes: dict[str, Any]) -> Campaign:
    """Change a campaign. Raises Conflict after somebody else's save."""
    return _change(actor, campaign, "campaign changed", revision, changes)


@transaction.atomic
def create_market_note(*, actor: Person, **fields: Any) -> MarketNote:
    """Write a market note. Raises Invalid for a period that ends before it begins."""
    return _create(actor, MarketNote, "market note added", fields)


@transaction.atomic
def change_market_note(
    *, actor: Person, note: MarketNote, revision: int, changes: dict[str, Any]
) -> MarketNote:
    """Change a market note. Raises Conflict after somebody else's save."""
    return _change(actor, note, "market note changed", revision, changes)


def _create(actor: Person, model: type[Note], verb: str, fields: dict[str, Any]) -> Note:
    require(actor, "notes.edit")
    about = {name: fields.pop(name, []) for name in ABOUT}
    row = create_row(actor=actor, row=model(owner=actor, **_with_period(fields)), verb=verb)
    for name, chosen in about.items():
        getattr(row, name).set(chosen)
    return row


def _change(actor: Person, row: Note, verb: str, revision: int, changes: dict[str, Any]) -> Note:
    require(actor, "notes.edit", row)
    about = {name: changes.pop(name) for name in ABOUT if name in changes}
    values = _with_period(changes, row)
    fresh = change_row(actor=actor, row=row, revision=revision, changes=values, verb=verb)
    for name, chosen in about.items():
        _set(actor, fresh, name, chosen, verb)
    return fresh


def _set(actor: Person, row: Note, name: str, chosen: Any, verb: str) -> None:
    before = sorted(str(one) for one in getattr(row, name).all())
    after = sorted(str(one) for one in chosen)
    if before != after:
        getattr(row, name).set(chosen)
        record(actor=actor, verb=verb, subject=row, before={name: before}, after={name: after})


def _with_period(fields: dict[str, Any], row: Note | None = None) -> dict[str, Any]:
    """`begins` and `ends` (both inclusive, the end may be open) become the half-open period."""
    if "begins" not in fields and "ends" not in fields:
        return fields
    old = row.period if row else None
    first = fields.pop("begins", old.lower if old else None)
    after = fields.pop("ends") if "ends" in fields else _last_day(old)
    if first is None:
        raise Invalid(Reason("Say on which day it begins.", "required", "begins"))
    if after is not None and after < first:
        raise Invalid(Reason("The last day lies before the first. Correct one of them.", "invalid", "ends"))
    fields["period"] = DateRange(first, _day_after(after))
    return fields


def _day_after(day: Any) -> Any:
    return None if day is None else day.fromordinal(day.toordinal() + 1)


def _last_day(period: Any) -> Any:
    return (
        None
        if period is None or period.upper is None
        else period.upper.fromordinal(period.upper.toordinal() - 1)
    )
