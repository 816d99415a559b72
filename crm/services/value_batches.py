"""Many values of CRMs decided at once: all of them, or none."""

from dataclasses import dataclass

from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.models import Person
from crm.services.value_mappings import decide

MOST = 200


@dataclass(frozen=True)
class Decision:
    """What one value is here; `field` is where a refusal is shown."""

    source: str
    kind: str
    value: str
    field: str = ""
    target_code: str = ""
    ignored: bool = False
    reason: str = ""


@transaction.atomic
def decide_many(*, actor: Person | None, decisions: list[Decision]) -> tuple[int, int]:
    """Save every decision and apply what waits: says how many values and how many events.

    Raises Invalid with the reasons of all of them, Denied.
    """
    require(actor, "hooks.replay")
    if not decisions:
        raise Invalid(Reason("Nothing is decided yet. Choose what a value is, or leave it out.", "needed"))
    if len(decisions) > MOST:
        raise Invalid(Reason(f"Decide {MOST} values at most at once.", "too_many"))
    reasons: list[Reason] = []
    events = 0
    for one in decisions:
        try:
            with transaction.atomic():
                events += _decide(actor, one)
        except Refused as refusal:
            reasons += [Reason(f"{one.value}: {why.text}", why.code, one.field) for why in refusal.reasons]
    if reasons:
        raise Invalid(*reasons)
    return len(decisions), events


def _decide(actor: Person | None, one: Decision) -> int:
    told = {name: value for name, value in vars(one).items() if name != "field"}
    _, count = decide(actor=actor, **told)
    return count
