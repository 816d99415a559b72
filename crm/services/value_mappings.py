"""What a CRM's stages, owners, accounts, products, currencies and markets are here: decided by people."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from crm.models import InboxEvent, LeadState, PaperState, ValueKind, ValueMapping
from crm.pipeline.inbox_parked import apply_again
from crm.pipeline.inbox_sources import lock_source
from crm.pipeline.names import TABLES
from crm.selectors.inbox import applied_events_with, events_waiting_for
from crm.waking import wake_the_inbox

MAP = "hooks.replay"
# Kinds whose values are states of ours, not rows.
STATES: dict[str, list[str]] = {ValueKind.PAPER: PaperState.values, ValueKind.LEAD: LeadState.values}


@transaction.atomic
def decide(
    *,
    actor: Person | None,
    source: str,
    kind: str,
    value: str,
    target_code: str = "",
    ignored: bool = False,
    reason: str = "",
) -> tuple[ValueMapping, int]:
    """Say what a CRM's value is here, or that it is ignored for a reason; deciding again changes it.

    Whatever waited for it is applied, and whatever was applied with another meaning is applied anew.
    Says how many events that are. Raises Invalid by field, Denied.
    """
    require(actor, MAP)
    value = value.strip()
    code = "" if ignored else _code(kind, target_code)
    _refuse_incomplete(value, ignored, reason)
    lock_source(source)  # a worker in the middle of these events would park them again
    mapping = _save(
        actor,
        {"source": source, "kind": kind, "value": value},
        {"target_code": code, "is_ignored": ignored, "reason": reason.strip()},
    )
    count = apply_again(events_waiting_for(source, kind, value))
    count += apply_again(_applied(source, kind, value))
    transaction.on_commit(wake_the_inbox)
    return mapping, count


def _code(kind: str, wanted: str) -> str:
    """The code of what the value is here, as it is written there."""
    if kind not in ValueKind.values:
        text = f"{kind!r} is no kind of value. Use one of {', '.join(ValueKind.values)}."
        raise Invalid(Reason(text, "unknown", "kind"))
    if not wanted.strip():
        raise Invalid(
            Reason("Choose what it is here, or leave it out with a reason.", "needed", "target_code")
        )
    found = _found(kind, wanted.strip())
    if not found:
        what = ValueKind(kind).label.lower()
        text = f"No {what} here has the code {wanted.strip()!r}. Choose one that is there."
        raise Invalid(Reason(text, "unknown", "target_code"))
    return found


def _found(kind: str, wanted: str) -> str:
    if kind not in TABLES:
        return next((state for state in STATES[kind] if state == wanted.lower()), "")
    model, _ = TABLES[kind]
    found: Any = model._default_manager.filter(code__iexact=wanted).values_list("code", flat=True)
    codes = list(found)
    return wanted if wanted in codes else next(iter(codes), "")


def _refuse_incomplete(value: str, ignored: bool, reason: str) -> None:
    if not value:
        raise Invalid(Reason("Say which value of the CRM it is.", "needed", "value"))
    if ignored and not reason.strip():
        raise Invalid(Reason("Say why the value is ignored.", "needed", "reason"))


def _save(actor: Person | None, identity: dict[str, Any], decision: dict[str, Any]) -> ValueMapping:
    """One decision for a value, however its capitals are written."""
    known = ValueMapping.objects.filter(
        source=identity["source"], kind=identity["kind"], value__iexact=identity["value"]
    ).first()
    decision |= {"decided_by": actor}
    if known is None:
        row = ValueMapping(**identity, **decision)
        return create_row(actor=actor, row=row, verb="value mapped", reason=decision["reason"])
    return change_row(
        actor=actor,
        row=known,
        revision=known.revision,
        changes=decision,
        verb="value mapped",
        reason=decision["reason"],
    )


def _applied(source: str, kind: str, value: str) -> Any:
    """What was applied before the decision: its field is called as the kind, but for states."""
    if kind in STATES:
        return InboxEvent.objects.none()
    return applied_events_with(source, kind, value)
