"""The one way to create and change a row that people edit: checked, revised and recorded."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.errors import Conflict, Invalid, Reason
from core.events import plain, record
from core.models import Event, Person, Revised

Row = TypeVar("Row", bound=Revised)
MASK = "•••"


@transaction.atomic
def create_row(*, actor: Person | None, row: Row, verb: str, reason: str = "") -> Row:
    """Save a new row and its event. Raises Invalid with one reason per field."""
    _save(row)
    record(actor=actor, verb=verb, subject=row, after=_values(row), reason=reason)
    return row


@transaction.atomic
def change_row(
    *,
    actor: Person | None,
    row: Row,
    revision: int,
    changes: dict[str, Any],
    verb: str,
    reason: str = "",
) -> Row:
    """Apply `changes` to the row if it still has `revision`, and record before and after.

    Raises Conflict with both versions after somebody else's save, Invalid for values the model or
    the database refuses. No difference means no new revision and no event.
    """
    fresh = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    _refuse_stale(fresh, revision, changes)
    before = {name: getattr(fresh, name) for name in changes}
    differing = [name for name in changes if before[name] != changes[name]]
    if not differing:
        return fresh
    shown = {name: MASK if name in fresh.secret_fields else changes[name] for name in differing}
    for name in differing:
        setattr(fresh, name, changes[name])
    fresh.revision += 1
    _save(fresh)
    record(
        actor=actor,
        verb=verb,
        subject=fresh,
        before={name: MASK if name in fresh.secret_fields else before[name] for name in differing},
        after=shown,
        reason=reason,
    )
    return fresh


def _refuse_stale(fresh: Revised, revision: int, changes: dict[str, Any]) -> None:
    if fresh.revision == revision:
        return
    theirs = {name: plain(getattr(fresh, name)) for name in changes}
    mine = {name: plain(value) for name, value in changes.items()}
    differing = [name for name in changes if mine[name] != theirs[name]]
    kind = fresh._meta.label_lower
    last = Event.objects.filter(subject_type=kind, subject_id=str(fresh.pk)).select_related("actor").first()
    raise Conflict(
        label=str(fresh),
        yours={name: mine[name] for name in differing},
        theirs={name: theirs[name] for name in differing},
        revision=fresh.revision,
        who=last.actor.name if last and last.actor else "",
    )


def _save(row: Revised) -> None:
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        raise Invalid(*_reasons(error)) from error
    except IntegrityError as error:
        raise Invalid(Reason(_database_sentence(error), code="database")) from error


def _reasons(error: ValidationError) -> list[Reason]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    return [
        Reason(message, code="invalid", field="" if name == "__all__" else name)
        for name, messages in by_field.items()
        for message in messages
    ]


def _database_sentence(error: IntegrityError) -> str:
    diagnostics = getattr(error.__cause__, "diag", None)
    rule = getattr(diagnostics, "constraint_name", None) or ""
    detail = getattr(diagnostics, "message_primary", None) or str(error)
    return f"The database refuses this: {rule.replace('_', ' ') or detail}. Change the value and save again."


def _values(row: Revised) -> dict[str, Any]:
    return {
        field.name: MASK if field.name in row.secret_fields else getattr(row, field.name)
        for field in row._meta.concrete_fields
        if field.name not in {"id", "revision", "password"}
    }
