"""Many names decided at once: all of them, or none."""

from dataclasses import dataclass

from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.models import Person
from gathering.models import UnmappedValue
from gathering.services.mappings import save_mapping


@dataclass(frozen=True)
class Decision:
    """What one name of the queue means; `field` is where a refusal is shown."""

    name: UnmappedValue
    field: str
    target_code: str = ""
    ignore: bool = False
    reason: str = ""


@transaction.atomic
def save_mappings(*, actor: Person | None, decisions: list[Decision]) -> int:
    """Save every decision and replay the rows that wait. Raises Invalid with the reasons of all."""
    require(actor, "mappings.manage")
    if not decisions:
        raise Invalid(Reason("Nothing is decided yet. Type a code, or choose to leave rows out."))
    reasons = [reason for decision in decisions for reason in _refusals(actor, decision)]
    if reasons:
        raise Invalid(*reasons)
    return len(decisions)


def _refusals(actor: Person | None, decision: Decision) -> list[Reason]:
    name = decision.name
    try:
        with transaction.atomic():
            save_mapping(
                actor=actor,
                kind=name.kind,
                source=name.source,
                value=name.value,
                target_code=decision.target_code,
                ignore=decision.ignore,
                reason=decision.reason,
            )
    except Refused as refusal:
        return [
            Reason(f"{name.value}: {reason.text}", reason.code, decision.field) for reason in refusal.reasons
        ]
    return []
