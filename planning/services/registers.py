"""The registers of a cycle: assumptions, risks and opportunities, and decisions."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Family, Market
from catalog.selectors import families_visible_to, markets_visible_to
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from core.roles import Role, can
from core.services.notifications import notify
from planning.models import Assumption, Cycle, Decision, RiskOrOpportunity
from planning.selectors.addresses import decision_path
from planning.services.stages import refuse_over

EXECUTIVES = {Role.EXECUTIVE, Role.VP}


@transaction.atomic
def add_assumption(
    *,
    actor: Person | None,
    cycle: Cycle,
    text: str,
    owner: Person,
    family: Family | None = None,
    market: Market | None = None,
) -> Assumption:
    """Write down what the plan takes for granted. Raises Refused once the cycle is over."""
    require(actor, "registers.edit")
    refuse_over(cycle)
    _refuse_unseen(actor, family, market)
    row = Assumption(cycle=cycle, text=text, owner=owner, family=family, market=market)
    return create_row(actor=actor, row=row, verb="assumption written")


@transaction.atomic
def change_assumption(
    *, actor: Person | None, assumption: Assumption, revision: int, changes: dict[str, Any]
) -> Assumption:
    """Change an assumption. Once the cycle is over, only whether it held can be said."""
    require(actor, "registers.edit")
    _refuse_unseen(actor, changes.get("family"), changes.get("market"))
    _refuse_late(assumption.cycle, assumption, changes, {"outcome"})
    return change_row(
        actor=actor, row=assumption, revision=revision, changes=changes, verb="assumption changed"
    )


@transaction.atomic
def add_risk(
    *,
    actor: Person | None,
    cycle: Cycle,
    title: str,
    owner: Person,
    money: Decimal | int,
    probability: Decimal | float | str,
    leaning: str = "risk",
    text: str = "",
    family: Family | None = None,
) -> RiskOrOpportunity:
    """Write down a risk or an opportunity: money in base currency over the horizon, chance from 0 to 1."""
    require(actor, "registers.edit")
    refuse_over(cycle)
    _refuse_unseen(actor, family, None)
    row = RiskOrOpportunity(
        cycle=cycle,
        leaning=leaning,
        title=title,
        text=text,
        money=Decimal(money),
        probability=round(Decimal(probability), 4),
        family=family,
        owner=owner,
    )
    return create_row(actor=actor, row=row, verb=f"{leaning} written")


@transaction.atomic
def change_risk(
    *, actor: Person | None, risk: RiskOrOpportunity, revision: int, changes: dict[str, Any]
) -> RiskOrOpportunity:
    """Change a risk or opportunity. Once the cycle is over, it can only be closed or opened."""
    require(actor, "registers.edit")
    _refuse_unseen(actor, changes.get("family"), None)
    _refuse_late(risk.cycle, risk, changes, {"is_open"})
    verb = f"{risk.leaning} changed"
    return change_row(actor=actor, row=risk, revision=revision, changes=changes, verb=verb)


@transaction.atomic
def raise_decision(
    *,
    actor: Person | None,
    cycle: Cycle,
    title: str,
    owner: Person,
    due: dt.date | None = None,
    gap: str = "",
    money: Decimal | int = 0,
    options: Iterable[str] = (),
    asks_executives: bool = False,
    text: str = "",
) -> Decision:
    """Raise a question that must be decided, with what can be done. `gap` is the fingerprint of the
    gap it is about; a gap has one decision. Raises Refused once the cycle is over."""
    require(actor, "registers.edit")
    refuse_over(cycle)
    row = create_row(
        actor=actor,
        row=Decision(
            cycle=cycle,
            title=title,
            text=text,
            gap=gap,
            money=Decimal(money),
            options=_options(options),
            asks_executives=asks_executives,
            owner=owner,
            due=due,
        ),
        verb="decision raised",
    )
    if actor is None or owner.pk != actor.pk:
        notify(people=[owner], title=f"To be decided: {title}", text=text, url=decision_path(row))
    return row


@transaction.atomic
def change_decision(
    *, actor: Person | None, decision: Decision, revision: int, changes: dict[str, Any]
) -> Decision:
    """Change the question, its options or who brings it forward. What was decided is changed by
    deciding again."""
    require(actor, "registers.edit")
    refuse_over(decision.cycle)
    if decision.decided:
        raise Refused(Reason("It is decided. Decide again, with the new reason, to change it.", "decided"))
    if "options" in changes:
        changes = changes | {"options": _options(changes["options"])}
    return change_row(actor=actor, row=decision, revision=revision, changes=changes, verb="decision changed")


@transaction.atomic
def decide(
    *,
    actor: Person | None,
    decision: Decision,
    decided: str,
    reason: str,
    revision: int | None = None,
) -> Decision:
    """Decide, with the reason; deciding again replaces it and keeps both in the history.

    What asks executives is decided by them or the VP. Without a `revision` the newest is meant.
    """
    require(actor, "decision.make")
    refuse_over(decision.cycle)
    if not may_decide(actor, decision):
        raise Denied("This asks the executives: an executive or the VP decides it.")
    missing = [
        Reason(text, "required", field)
        for field, value, text in (
            ("decided", decided, "Say what is decided."),
            ("reason", reason, "Say why, in one sentence."),
        )
        if not value.strip()
    ]
    if missing:
        raise Invalid(*missing)
    fresh = _write_decision(actor, decision, decided.strip(), reason.strip(), revision)
    notify(
        people=[p for p in (fresh.owner,) if actor is None or p.pk != actor.pk],
        title=f"Decided: {fresh.title}",
        text=f"{fresh.decided} {fresh.reason}",
        url=decision_path(fresh),
    )
    return fresh


def may_decide(actor: Person | None, decision: Decision) -> bool:
    """Whether the person may decide this: what asks executives is theirs or the VP's."""
    if actor is None:
        return True
    is_asked = not decision.asks_executives or bool(EXECUTIVES.intersection(actor.roles))
    return is_asked and bool(can(actor, "decision.make"))


def _write_decision(
    actor: Person | None, decision: Decision, decided: str, reason: str, revision: int | None
) -> Decision:
    """A decision has an author: where the system decides, that is whoever brings it forward."""
    locked = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    return change_row(
        actor=actor,
        row=locked,
        revision=locked.revision if revision is None else revision,
        changes={
            "decided": decided,
            "reason": reason,
            "decided_by": actor or locked.owner,
            "decided_at": timezone.now(),
        },
        verb="decided",
        reason=reason,
    )


def _options(options: Iterable[str]) -> list[str]:
    return [line for line in (option.strip() for option in options) if line]


def _refuse_late(cycle: Cycle, row: Any, changes: dict[str, Any], allowed: set[str]) -> None:
    """After the end only what can be known afterwards may change."""
    if any(name not in allowed and getattr(row, name) != value for name, value in changes.items()):
        refuse_over(cycle)


def _refuse_unseen(actor: Person | None, family: Family | None, market: Market | None) -> None:
    """Nobody writes about what lies outside their scope."""
    if family is not None and not families_visible_to(actor).filter(pk=family.pk).exists():
        raise Invalid(Reason(f"{family} is outside your scope. Choose another family.", "invalid", "family"))
    if market is not None and not markets_visible_to(actor).filter(pk=market.pk).exists():
        raise Invalid(Reason(f"{market} is outside your scope. Choose another market.", "invalid", "market"))
