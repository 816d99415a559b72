"""Settling contradictions: each becomes a decision, here or by the executives."""

from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.models import Person
from planning.models import Cycle, Decision, StageName
from planning.selectors.addresses import decision_path
from planning.selectors.contradictions import Contradiction, find_contradiction, money_of
from planning.services.registers import decide, raise_decision

OPTIONS = {
    "supply": ("Accept what is not supplied", "Add capacity or outsource", "Move the demand to later months"),
    "budget": ("Keep the plan and tell finance", "Change the plan", "Ask for a new budget"),
    "last": ("Accept the change and say what caused it", "Go back to demand planning"),
    "rest": ("Accept all of them",),
}


@transaction.atomic
def settle_contradiction(
    *,
    actor: Person | None,
    cycle: Cycle,
    gap: str,
    decided: str = "",
    reason: str = "",
    asks_executives: bool = False,
) -> Decision:
    """Decide on a contradiction of the plan, or hand it to the executives, who decide before the
    release.

    Raises Invalid where neither is said, Refused for what is no contradiction (any more).
    """
    require(actor, "decision.make")
    if not asks_executives and not (decided.strip() and reason.strip()):
        text = "Say what is decided and why, or hand it to the executives."
        raise Invalid(Reason(text, "required", "reason" if decided.strip() else "decided"))
    decision = cycle.decisions.filter(gap=gap).first() or _raise(actor, cycle, gap, asks_executives)
    if asks_executives:
        return _hand_over(decision)
    return decide(actor=actor, decision=decision, decided=decided, reason=reason)


def _raise(actor: Person | None, cycle: Cycle, gap: str, asks_executives: bool) -> Decision:
    contradiction = find_contradiction(cycle, gap)
    if contradiction is None:
        text = "This is no contradiction any more: the plan changed meanwhile. Reload the page."
        raise Refused(Reason(text, "no_contradiction", "gap"))
    stage = cycle.stages.select_related("owner").get(name=StageName.RECONCILIATION)
    return raise_decision(
        actor=actor,
        cycle=cycle,
        title=contradiction.title[:200],
        gap=gap,
        money=money_of(contradiction),
        options=OPTIONS[contradiction.kind],
        asks_executives=asks_executives,
        owner=stage.owner,
        due=stage.due,
    )


def _hand_over(decision: Decision) -> Decision:
    if not decision.asks_executives:
        text = f"“{decision.title}” is on the list of decisions already. Decide it there."
        raise Refused(Reason(text, "raised_already", url=decision_path(decision)))
    return decision


def settle_all(
    *, actor: Person | None, cycle: Cycle, contradictions: list[Contradiction], decided: str, reason: str
) -> list[Decision]:
    """The same decision on several contradictions that are not settled yet."""
    return [
        settle_contradiction(actor=actor, cycle=cycle, gap=row.gap, decided=decided, reason=reason)
        for row in contradictions
        if not row.is_settled
    ]
